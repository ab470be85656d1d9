import texts from "virtual:texts";

/** Unlike core's, a text that is missing is an error. */
export function i18n(key, values = {}) {
  let text = key.split(".").reduce((node, part) => node?.[part], texts);
  if (key === "cancel") {
    return "Cancel";
  }
  if (text && typeof text === "object" && "count" in values) {
    text = text[new Intl.PluralRules("en").select(values.count)] ?? text.other;
  }
  if (typeof text !== "string") {
    throw new Error(`no text for ${key}`);
  }
  return text.replace(/%\{(\w+)\}/g, (_, name) => {
    if (!(name in values)) {
      throw new Error(`no value for %{${name}} of ${key}`);
    }
    return values[name];
  });
}
