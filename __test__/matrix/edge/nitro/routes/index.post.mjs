import { defineEventHandler, readBody } from 'h3';
import { runChecks } from '../checks/checks.mjs';

export default defineEventHandler(async (event) => runChecks(await readBody(event)));
