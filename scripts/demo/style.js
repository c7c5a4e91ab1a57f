'use strict';

/** The look of the shop. */
module.exports = `
:root {
  color-scheme: light dark;
  --paper: light-dark(#fffaf2, #17130f);
  --card: light-dark(#ffffff, #221c16);
  --line: light-dark(#eadfce, #3a3026);
  --text: light-dark(#2b2118, #f3eadf);
  --muted: light-dark(#7a6a58, #b3a390);
  --glow: light-dark(#d9480f, #ff9d5c);
  font: 16px/1.6 system-ui, "Segoe UI", Roboto, "Helvetica Neue", "DejaVu Sans", sans-serif;
  color: var(--text);
  background: var(--paper);
}
* { box-sizing: border-box; }
body { margin: 0; }
header { display: flex; gap: 20px; align-items: center; padding: 16px 32px; border-bottom: 1px solid var(--line); }
header b { display: flex; align-items: center; gap: 10px; font-size: 18px; margin-right: auto; }
header b::before {
  content: ''; width: 20px; height: 26px; border-radius: 50%;
  background: radial-gradient(circle, #ffd8a8 15%, var(--glow) 75%);
}
a { color: var(--glow); }
header a { color: var(--text); text-decoration: none; }
main { max-width: 760px; margin: 0 auto; padding: 48px 24px; }
h1 { font-size: 38px; line-height: 1.15; margin: 0 0 12px; letter-spacing: -0.02em; }
.lead { font-size: 19px; color: var(--muted); margin: 0 0 28px; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 16px; padding: 24px; margin: 0 0 20px; }
.note { border-left: 4px solid var(--glow); padding: 4px 16px; color: var(--muted); overflow-wrap: anywhere; }
form { display: grid; gap: 14px; max-width: 360px; }
label { display: grid; gap: 4px; color: var(--muted); font-size: 14px; }
input { font: inherit; color: var(--text); background: var(--paper); border: 1px solid var(--line); border-radius: 10px; padding: 9px 12px; }
button, .button {
  display: inline-block; font: inherit; font-weight: 600; text-decoration: none; cursor: pointer; border: 0;
  color: light-dark(#fff, #1c130b); background: var(--glow); border-radius: 10px; padding: 10px 22px;
}
:focus-visible { outline: 2px solid var(--glow); outline-offset: 2px; }
.price { font-size: 32px; font-weight: 700; }
iframe { display: block; width: 100%; height: 400px; border: 1px solid var(--line); border-radius: 16px; }
`;
