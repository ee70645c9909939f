import type { JulesSession } from './ports.ts';

/**
 * The token by which a session is found again, made by SQL with the session's row. It stands in title and prompt, so that
 * it is found whichever of them Jules keeps.
 */
const IN_BRACKETS = /\[(verne:\w+)\]/g;

export const withMarker = (text: string, marker: string) => `${text} [${marker}]`;
export const withMarkerBelow = (text: string, marker: string) => `${text}\n\n[${marker}]`;

/** The marker that a session carries, the last one: a prompt may quote another task's. Null for somebody else's session. */
export const markerOf = ({ title, prompt }: JulesSession) =>
  [...`${title}\n${prompt}`.matchAll(IN_BRACKETS)].at(-1)?.[1] ?? null;

/** Clocks differ, and a session may have been stamped before our own clock said so. */
const LOOK_BACK_MS = 600_000;

/** From when on Jules's list is read for what happened at an instant or later. */
export const lookBack = (instant: Date) => new Date(instant.getTime() - LOOK_BACK_MS);
