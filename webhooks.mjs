import webhooks from './webhooks.js';

export const { attribution, saleFromPaddle, saleFromPolar, saleFromRevenueCat, saleFromShopify, saleFromStripe } =
  webhooks;
