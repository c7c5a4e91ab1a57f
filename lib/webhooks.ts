export { attribution } from './webhooks/attribution.js';
export { saleFromPaddle } from './webhooks/paddle.js';
export { saleFromPolar } from './webhooks/polar.js';
export { saleFromRevenueCat } from './webhooks/revenuecat.js';
export { saleFromShopify } from './webhooks/shopify.js';
export { saleFromStripe } from './webhooks/stripe.js';
