import pgBoss from './pg-boss.js';

export const { PgOutbox } = pgBoss;
