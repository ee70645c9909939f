/** @param {number | null | undefined} color */
export function cssColor(color) {
  return color === null || color === undefined ? '' : `#${color.toString(16).padStart(6, '0')}`;
}
