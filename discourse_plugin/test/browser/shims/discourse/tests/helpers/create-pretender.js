const routes = new Map();
let waiting = 0;

window.lcmCalls = [];

function route(method) {
  return (path, handler) => routes.set(`${method} ${path}`, handler);
}

export default {
  get: route("GET"),
  put: route("PUT"),
  post: route("POST"),
  delete: route("DELETE"),
};

export function response(status, body) {
  return typeof status === "number" ? [status, body] : [200, status];
}

export function isWaiting() {
  return waiting > 0;
}

export function forgetRoutes() {
  routes.clear();
}

export async function answer(request) {
  const { method, url, requestBody } = request;
  const [path, query] = url.split("?");
  request.queryParams = Object.fromEntries(new URLSearchParams(query));
  const handler = routes.get(`${method} ${path}`);
  if (!handler) {
    throw new Error(`nothing answers ${method} ${url}`);
  }
  waiting++;
  try {
    const [status, body] = await handler(request);
    const sent = requestBody ? JSON.parse(requestBody) : null;
    const asked = request.queryParams;
    window.lcmCalls.push({ method, url: path, asked, sent, status, body });
    return [status, body];
  } finally {
    waiting--;
  }
}
