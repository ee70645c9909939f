/** The simulated Jules as a process of its own, with its truth log. */
import { startJules } from '#sandbox/jules/server.ts';
import { seeded } from '../support/seeded.ts';
import { serve, wishOf } from './ipc.ts';
import { julesFault, type Patience, type Storm, startStorm } from './storms.ts';
import { type JulesEffect, keepTruth } from './truth.ts';

export type JulesWish = {
  readonly folder: string;
  readonly seed: number;
  readonly speed: number;
  readonly key: string;
  readonly repo: string;
  readonly patience: Patience;
};

const { folder, seed, speed, key, repo, patience } = wishOf<JulesWish>();
const random = seeded(seed);
const keep = keepTruth<JulesEffect>(folder, 'jules');
let kept = 0;
/** Called after each effect, before its answer is sent. */
function keepNew(): void {
  for (; kept < jules.control.truth.length; kept += 1) {
    const effect = jules.control.truth[kept];
    if (!effect) return;
    const { kind, session, title, text } = effect;
    keep({ at: Date.now(), kind, session, title, text });
  }
}

const jules = await startJules({ speed, onChange: keepNew });
const [owner = '', name = ''] = repo.split('/');
const source = { owner, repo: name, defaultBranch: 'main', branches: ['main'] };
jules.control.addAccount({ key, label: 'chaos', sources: [source], perDay: 1_000_000, atOnce: 10_000 });
jules.control.script({ settings: { planExpiresMs: 4_000_000 } });

let storm: Storm | undefined;
serve({
  ready: () => ({ url: jules.url }),
  storm: (everyMs: number) => {
    const arm = () => jules.control.fault(julesFault(random, patience));
    storm = startStorm({ everyMs, atOnce: 6, waiting: () => jules.control.armed().length, arm });
  },
  calm: () => {
    const met = storm?.met() ?? 0;
    storm?.calm();
    jules.control.clearFaults();
    return met;
  },
  advance: (ms: number) => jules.control.advance(ms),
});
