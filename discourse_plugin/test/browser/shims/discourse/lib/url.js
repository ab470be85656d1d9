export function userPath(subPath) {
  return `/u/${subPath}`;
}
