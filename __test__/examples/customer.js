'use strict';

/** Who visits the examples. */
const CUSTOMER = { email: 'grace@example.com', name: 'Grace Hopper' };

/** The click that led here. It needs decoding, as that of a real click may. */
const CLICK_ID = 'click/ada 7ü';

module.exports = { CLICK_ID, CUSTOMER };
