import { trustHTML } from "@ember/template";

export default function avatar(user, { imageSize }) {
  const image = document.createElement("img");
  image.className = "avatar";
  image.alt = "";
  image.dataset.size = imageSize;
  image.dataset.template = user.avatar_template;
  return trustHTML(image.outerHTML);
}
