import { trustHTML } from "@ember/template";

export async function cook(raw) {
  const paragraph = document.createElement("p");
  paragraph.textContent = raw;
  return trustHTML(paragraph.outerHTML);
}
