/** Replaces characters that move the cursor, break the line or reorder text: it comes from others, to a terminal. */
export const plainText = (text: string): string => text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '\ufffd');
