import { Refport } from 'refport';

const { CLICK_ID: clickId = '' } = process.env;
const params = { clickId, eventName: 'Sign up', customerExternalId: 'user_1' };
await new Refport().track.lead(params);
