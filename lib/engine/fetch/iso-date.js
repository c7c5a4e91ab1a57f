'use strict';

/**
 * Dates as ISO 8601 writes them (src/api/iso_date.rs).
 * @module
 */

const FORM =
  /^(\d{4})-(\d{2})-(\d{2})(?:T([01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d+)?)?(?:Z|[+-]([01]\d|2[0-3]):?[0-5]\d)?)?$/;

/**
 * Whether `text` is a calendar date or a date and time, and `new Date(text)` understands it.
 * @param {string} text
 */
function isDate(text) {
  const match = FORM.exec(text);
  if (match === null) return false;
  const [year, month, day] = match.slice(1, 4).map(Number);
  // A day that the month does not have leads into the next one.
  const date = new Date(0);
  date.setUTCFullYear(/** @type {number} */ (year), /** @type {number} */ (month) - 1, day);
  return date.getUTCMonth() + 1 === month && date.getUTCDate() === day;
}

module.exports = { isDate };
