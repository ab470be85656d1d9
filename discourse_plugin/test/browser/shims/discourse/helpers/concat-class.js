/** As core's: the given class names that there are, with a space between. */
export default function concatClass(...names) {
  return names.flat().filter(Boolean).join(" ") || undefined;
}
