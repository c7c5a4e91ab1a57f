'use strict';

const { attribution } = require('./lib/webhooks/attribution.js');
const { saleFromPaddle } = require('./lib/webhooks/paddle.js');
const { saleFromPolar } = require('./lib/webhooks/polar.js');
const { saleFromRevenueCat } = require('./lib/webhooks/revenuecat.js');
const { saleFromShopify } = require('./lib/webhooks/shopify.js');
const { saleFromStripe } = require('./lib/webhooks/stripe.js');

module.exports = { attribution, saleFromPaddle, saleFromPolar, saleFromRevenueCat, saleFromShopify, saleFromStripe };
