import { loadavg } from 'node:os';
import { type Load, load } from './client.ts';
import type { Probe } from './probe.ts';
import { signedRequests, type Work } from './signed.ts';
import { isPong, isRefused, type Name, type Subject } from './subjects.ts';

export type Leg = Load & Probe & { readonly name: Name; readonly work: Work };
export type Round = { readonly legs: readonly Leg[]; readonly loadBefore: number };

export type Pace = { readonly rounds: number; readonly forMs: number; readonly leadMs: number };

export const CONNECTIONS = 32;
const WORKS: readonly Work[] = ['ping', 'command', 'forged'];
/** More than Verne can record in a second here; who runs out of requests stops early, and is measured until then. */
const MOST_PER_SECOND = 4000;

function rightAnswer(work: Work, subject: Subject): Subject['isDone'] {
  if (work === 'ping') return isPong;
  return work === 'forged' ? isRefused : subject.isDone;
}

async function runLeg(work: Work, subject: Subject, { forMs, leadMs }: Omit<Pace, 'rounds'>): Promise<Leg> {
  // What is stored is stored once per interaction, so there each request is sent only once.
  const isStored = work === 'command' && subject.name === 'verne';
  const requests = isStored
    ? signedRequests(work, Math.ceil((MOST_PER_SECOND * (forMs + leadMs)) / 1000))
    : signedRequests(work);
  const { origin, reset } = subject;
  const wish = { origin, requests, mayRepeat: !isStored, connections: CONNECTIONS, leadMs, forMs };
  const done = await load({ ...wish, isRight: rightAnswer(work, subject), onMeasured: reset });
  return { name: subject.name, work, ...done, ...(await subject.read()) };
}

/** Each round begins with another subject, so that none always follows the same neighbour. */
const turned = (subjects: readonly Subject[], by: number) => [
  ...subjects.slice(by % subjects.length),
  ...subjects.slice(0, by % subjects.length),
];

async function runRound(subjects: readonly Subject[], pace: Omit<Pace, 'rounds'>): Promise<Round> {
  const loadBefore = loadavg()[0] ?? 0;
  const legs: Leg[] = [];
  for (const work of WORKS) for (const subject of subjects) legs.push(await runLeg(work, subject, pace));
  return { legs, loadBefore };
}

const WARM_UP = { forMs: 2000, leadMs: 0 };

/** A round to warm up, whose answers count and whose times do not; then the rounds. */
export async function runRounds(subjects: readonly Subject[], pace: Pace, say: (line: string) => void) {
  const warmUp = await runRound(subjects, WARM_UP);
  const rounds: Round[] = [];
  for (let at = 0; at < pace.rounds; at += 1) {
    const round = await runRound(turned(subjects, at), pace);
    rounds.push(round);
    const told = round.legs.map((leg) => `${leg.name} ${leg.work} ${Math.round(leg.perSecond)}/s`);
    say(`round ${at + 1} of ${pace.rounds}, load ${round.loadBefore.toFixed(1)}: ${told.join(', ')}`);
  }
  return { warmUp, rounds };
}
