'use strict';

/**
 * Dates as ISO 8601 writes them (src/api/iso_date.rs).
 * @module
 */

const FORM =
  /^\d{4}-\d{2}-\d{2}(?:T([01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d+)?)?(?:Z|[+-]([01]\d|2[0-3]):?[0-5]\d)?)?$/;

/**
 * Whether `text` is a calendar date or a date and time, and `new Date(text)` understands it.
 * @param {string} text
 */
function isDate(text) {
  // A day that the month does not have is none, or leads into the next month.
  const day = text.slice(0, 10);
  const time = Date.parse(`${day}T00:00Z`);
  return FORM.test(text) && !Number.isNaN(time) && new Date(time).toISOString().startsWith(day);
}

module.exports = { isDate };
