export { attribution, attributionFromReference, attributionReference } from './webhooks/attribution.ts';
export { refundFromPaddle, saleFromPaddle } from './webhooks/paddle.ts';
export { refundFromPolar, saleFromPolar } from './webhooks/polar.ts';
export { refundFromRevenueCat, saleFromRevenueCat } from './webhooks/revenuecat.ts';
export { refundFromShopify, saleFromShopify } from './webhooks/shopify.ts';
export { refundFromStripe, saleFromStripe } from './webhooks/stripe.ts';
