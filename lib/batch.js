'use strict';

/**
 * What is said in one turn of the event loop, and leaves as one text.
 * @module
 */

/** So much text leaves at once, in UTF-16 units: a JavaScript string has a longest length. A larger line goes alone. */
const LENGTH = 1024 * 1024;

/** Fake timers replace process.nextTick, setImmediate and queueMicrotask, maybe before this is loaded, but no promise. */
const resolved = Promise.resolve();

/**
 * @param {(text: string, count: number) => void} submit gets the lines of a turn
 * @param {(id: number, cause: unknown) => void} refuse gets the number that begins each of the lines for which `submit` threw
 */
function batch(submit, refuse) {
  let text = '';
  let count = 0;
  const flush = () => {
    if (count === 0) return;
    const [lines, size] = [text, count];
    text = '';
    count = 0;
    try {
      submit(lines, size);
    } catch (cause) {
      for (const line of lines.trimEnd().split('\n')) refuse(Number.parseInt(line, 10), cause);
    }
  };
  /**
   * @param {number} id
   * @param {string} rest of its line
   */
  const add = (id, rest) => {
    if (text.length + rest.length > LENGTH) flush();
    text += id + rest;
    // After what is ready to run now: the callers of results that came together make their next calls together.
    if (count++ === 0) resolved.then(flush);
  };
  return { add, flush };
}

module.exports = { batch };
