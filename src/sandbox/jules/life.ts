import { type Cancel, instantOf } from './clock.ts';
import { hexId } from './ids.ts';
import { changeSetFor, type PlanStep, planFor, slugOf, topicOf } from './plan.ts';
import { planOf, type Story, workOf } from './scenarios.ts';
import { type Beat, type Deed, PUBLISH_ON_MESSAGE, WORK_ON_MESSAGE } from './story.ts';
import type { Effect, Session, World } from './world.ts';

const QUEUED_MS = 1500;
const PLANNING_MS = 4000;
const AUTO_APPROVAL_MS = 2200;

/**
 * The life of one session. QUEUED, PLANNING, then a plan. With plan approval it stands in AWAITING_PLAN_APPROVAL until it
 * is approved, revised by a message, or expires into a COMPLETED that did nothing. Approved, it is IN_PROGRESS and goes
 * through the beats of its story, which may stop to ask (AWAITING_USER_FEEDBACK) or to pause, and ends COMPLETED or
 * FAILED. COMPLETED is no end: a message, or the story itself, takes the work up again. There is one pending thing at
 * a time; whatever sets another one going cancels it.
 */
export class Life {
  readonly #world: World;
  readonly #story: Story;
  readonly #session: () => Session;
  #cancel: Cancel = () => undefined;
  #queue: readonly Beat[] = [];
  #steps: readonly PlanStep[] = [];
  #planId = '';
  #expired = false;
  #halted = false;

  constructor(world: World, story: Story, session: () => Session) {
    this.#world = world;
    this.#story = story;
    this.#session = session;
  }

  start() {
    const { source, startingBranch } = this.#session();
    const branches = source?.branches ?? [];
    // What Jules does with a branch that does not exist is not known; here the session fails and says why.
    const isMissing = branches.length > 0 && startingBranch !== '' && !branches.includes(startingBranch);
    this.#next(QUEUED_MS, () => {
      this.#become('PLANNING');
      if (isMissing)
        this.#next(PLANNING_MS, () => this.#do({ do: 'fail', reason: `Branch ${startingBranch} was not found.` }));
      else this.#plan();
    });
  }

  /** False where nothing waits for approval. */
  approve(): boolean {
    const session = this.#session();
    const resumes = this.#expired && this.#world.settings.approveExpired === 'resume';
    if (session.state !== 'AWAITING_PLAN_APPROVAL' && !resumes) return false;
    if (planOf(this.#story) === 'drops') {
      this.stop();
      this.#expire();
      return false;
    }
    this.#effect('approved');
    this.#begin();
    return true;
  }

  /** A message. What becomes of one while Jules works is not known; here it is kept, and changes nothing. */

  hear(text: string) {
    const session = this.#session();
    session.messages.push({ from: 'user', text, at: instantOf(this.#world.clock.micros()) });
    this.#effect('messaged', text);
    this.#tell('user', { userMessaged: { userMessage: text } });
    this.#answer(session, text);
  }

  #answer(session: Session, text: string) {
    if (session.state === 'FAILED' || (WORKING.includes(session.state) && !this.#halted)) return;
    if (!session.approved) {
      this.#expired = false;
      this.#become('PLANNING');
      this.#plan(text);
    } else if (session.state === 'COMPLETED') {
      this.#become('IN_PROGRESS');
      this.#play(/pull request/i.test(text) ? PUBLISH_ON_MESSAGE : WORK_ON_MESSAGE);
    } else {
      this.#become('IN_PROGRESS');
      this.#play(this.#queue);
    }
  }

  archive() {
    const session = this.#session();
    if (!ENDED.includes(session.state)) {
      this.stop();
      this.#become('PAUSED');
    }
    session.archived = true;
    this.#effect('archived');
  }

  unarchive() {
    this.#session().archived = false;
    this.#effect('unarchived');
  }

  delete() {
    this.stop();
    this.#effect('deleted');
  }

  stop() {
    this.#cancel();
  }

  /** Makes something happen now, whatever the story says; an end is the end of the story. */
  push(deed: Deed) {
    if (deed.do === 'complete' || deed.do === 'fail') {
      this.stop();
      this.#queue = [];
    }
    if (!this.#do(deed)) return;
    this.stop();
    this.#halted = true;
  }

  #plan(revision?: string) {
    this.#next(PLANNING_MS, () => {
      const session = this.#session();
      if (planOf(this.#story) === 'never' && revision === undefined) {
        this.#halted = true;
        return;
      }
      this.#tellPlan(planFor(session.prompt, revision));
      // Whoever has approved once is not asked again.
      if (session.requirePlanApproval && !session.approved) this.#await();
      else this.#next(AUTO_APPROVAL_MS, () => this.#begin());
    });
  }

  #tellPlan(planned: readonly PlanStep[]) {
    this.#steps = planned;
    this.#planId = hexId();
    const steps = planned.map((step, index) => ({ id: hexId(), ...step, index }));
    this.#tell('agent', {
      planGenerated: { plan: { id: this.#planId, steps, createTime: instantOf(this.#world.clock.micros()) } },
    });
  }

  #await() {
    if (planOf(this.#story) === 'expires') {
      this.#expire();
      return;
    }
    this.#become('AWAITING_PLAN_APPROVAL');
    this.#next(this.#world.settings.planExpiresMs, () => this.#expire());
  }

  #expire() {
    this.#expired = true;
    this.#become('COMPLETED');
  }

  #begin() {
    this.#expired = false;
    this.#session().approved = true;
    this.#tell('user', { planApproved: { planId: this.#planId } });
    this.#become('IN_PROGRESS');
    this.#play(workOf(this.#story, this.#steps));
  }

  #play(beats: readonly Beat[]) {
    this.stop();
    this.#halted = false;
    const [beat, ...rest] = beats;
    this.#queue = beats;
    if (!beat) return;
    this.#next(beat.afterMs, () => {
      this.#queue = rest;
      this.#halted = this.#do(beat);
      if (!this.#halted) this.#play(rest);
    });
  }

  /** True where the story stops and waits. */
  #do(deed: Deed): boolean {
    const session = this.#session();
    const { outputs } = session;
    switch (deed.do) {
      case 'progress':
        this.#tell('agent', { progressUpdated: { title: deed.title, description: deed.description } }, deed.artifacts);
        return false;
      case 'say':
      case 'ask':
        session.messages.push({ from: 'agent', text: deed.text, at: instantOf(this.#world.clock.micros()) });
        this.#tell('agent', { agentMessaged: { agentMessage: deed.text } });
        if (deed.do === 'ask') this.#become('AWAITING_USER_FEEDBACK');
        return deed.do === 'ask';
      case 'complete':
        this.#tell('agent', { sessionCompleted: {} }, deed.withPatch ? [{ changeSet: this.#changeSet() }] : []);
        if (!deed.stays) this.#become('COMPLETED');
        return false;
      case 'patchOutput':
        if (!outputs.some((output) => 'changeSet' in output))
          outputs.push({ changeSet: this.#changeSet(deed.repoless) });
        this.#become(session.state);
        return false;
      case 'pullRequest':
        this.#openPull(session);
        return false;
      case 'fail':
        if (deed.reason !== null) this.#tell('system', { sessionFailed: { reason: deed.reason } });
        this.#become('FAILED');
        return true;
      case 'replan':
        this.#tellPlan(planFor(session.prompt, deed.why));
        this.#tell('user', { planApproved: { planId: this.#planId } });
        return false;
      case 'halt':
        if (deed.state !== undefined) this.#become(deed.state);
        return true;
      case 'resume':
        this.#become('IN_PROGRESS');
        return false;
      case 'raw':
        this.#tell('', deed.activity);
        return false;
      case 'rawOutput':
        outputs.push(deed.output);
        this.#become(session.state);
        return false;
    }
  }

  #changeSet(repoless = false) {
    const { prompt, source } = this.#session();
    return changeSetFor(prompt, repoless ? null : (source?.name ?? null));
  }

  /** Without AUTO_CREATE_PR, or without a repository, there is never one; and there is only one. */
  #openPull(session: Session) {
    const { source, automationMode, outputs, prompt, id, account, startingBranch } = session;
    const exists = outputs.some((output) => 'pullRequest' in output);
    if (!source || automationMode !== 'AUTO_CREATE_PR' || exists) return;
    const repository = `${source.owner}/${source.repo}`;
    outputs.push({
      pullRequest: {
        url: `https://github.com/${repository}/pull/${this.#world.nextPull(repository)}`,
        title: topicOf(prompt, 72),
        description: `${topicOf(prompt, 200)}\n\n---\n*PR created automatically by Jules for task [${id}](https://jules.google.com/task/${id}) started by @${account}*`,
        baseRef: startingBranch || source.defaultBranch || 'main',
        headRef: `${slugOf(prompt)}-${id}`,
      },
    });
    this.#become(session.state);
  }

  #next(storyMs: number, work: () => void) {
    this.stop();
    this.#cancel = this.#world.clock.later(storyMs, work);
  }

  #become(state: string) {
    const session = this.#session();
    session.state = state;
    session.updatedAt = this.#world.clock.micros();
    this.#world.changed();
  }

  #tell(originator: string, event: object, artifacts: readonly object[] = []) {
    const { id: session, activities } = this.#session();
    const { settings } = this.#world;
    const id = hexId();
    const isTwin = settings.equalTimes && activities.length % 2 === 1;
    const createdAt = (isTwin && activities.at(-1)?.createdAt) || this.#world.clock.micros();
    const name = `sessions/${session}/activities/${id}`;
    const kept = artifacts.filter((artifact) => settings.bashOutput || !('bashOutput' in artifact));
    const wire = { name, id, createTime: instantOf(createdAt), originator, artifacts: kept, ...event };
    activities.push({ id, createdAt, wire });
    this.#world.changed();
  }

  #effect(kind: Effect['kind'], text?: string) {
    const { id, account, title } = this.#session();
    const at = instantOf(this.#world.clock.micros());
    this.#world.truth.push({ kind, at, session: id, account, title, ...(text !== undefined && { text }) });
    this.#world.changed();
  }
}

const WORKING = ['QUEUED', 'PLANNING', 'IN_PROGRESS'];
const ENDED = ['COMPLETED', 'FAILED'];
