export function extractError(error) {
  return error.jqXHR?.responseJSON?.errors?.[0] ?? String(error);
}

export function popupAjaxError(error) {
  if (!error.jqXHR) {
    throw error;
  }
}
