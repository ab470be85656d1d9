/**
 * Moves the focus to a section's heading where the button that had it has left the page.
 *
 * @param {string} section - the name that was given to LcmSection
 */
export function keepFocus(section) {
  requestAnimationFrame(() => {
    if (!document.activeElement || document.activeElement === document.body) {
      document.getElementById(`lcm-${section}-title`)?.focus();
    }
  });
}
