import { answer } from "../tests/helpers/create-pretender";

export async function ajax(url, options = {}) {
  const { type: method = "GET", data: requestBody } = options;
  const [status, body] = await answer({ method, url, requestBody });
  if (status >= 400) {
    throw { jqXHR: { status, responseJSON: body } };
  }
  return body;
}
