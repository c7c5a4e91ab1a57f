// Does not compile: shows that the tests would notice.

import { getClickIdFromCookie } from 'refport';

export const clickId: string = getClickIdFromCookie('refp_id=abc');
