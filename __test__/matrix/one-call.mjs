import { Refport } from '../../index.mjs';

const params = { clickId: process.env.CLICK_ID, eventName: 'Sign up', customerExternalId: 'user_1' };
await new Refport().track.lead(params);
