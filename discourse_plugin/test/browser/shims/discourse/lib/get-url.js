export default function getURL(url) {
  return url;
}
