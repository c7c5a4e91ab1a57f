// Frameworks that come without types; what a handler gets of them is said where it is used.
declare module 'cookie-parser';
declare module 'express';
declare module 'koa';
