import { instantOf } from './clock.ts';
import { type Fields, isFields } from './messages.ts';
import type { Activity, Session, Source, World } from './world.ts';

const isDefault = (value: unknown) =>
  value === undefined || value === null || value === '' || value === 0 || value === false;

/** Proto3 JSON leaves out every field that holds its default; an empty message (`sessionCompleted: {}`) stays. */
export function withoutDefaults(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutDefaults);
  if (!isFields(value)) return value;
  const kept = Object.entries(value)
    .filter(([, inner]) => !(isDefault(inner) || (Array.isArray(inner) && inner.length === 0)))
    .map(([name, inner]): [string, unknown] => [name, withoutDefaults(inner)]);
  return Object.fromEntries(kept);
}

export function sourceOnWire({ id, name, owner, repo, isPrivate, defaultBranch, branches }: Source): Fields {
  return {
    name,
    id,
    githubRepo: {
      owner,
      repo,
      isPrivate,
      ...(defaultBranch && { defaultBranch: { displayName: defaultBranch } }),
      branches: (branches ?? []).map((displayName) => ({ displayName })),
    },
  };
}

export function sessionOnWire({ settings }: World, session: Session): Fields {
  const { id, prompt, title, sourceContext, requirePlanApproval, automationMode } = session;
  return {
    name: `sessions/${id}`,
    id,
    prompt,
    title,
    sourceContext,
    ...(settings.echoInputOnly && { requirePlanApproval, automationMode }),
    createTime: instantOf(session.createdAt),
    updateTime: instantOf(session.updatedAt),
    state: session.state,
    url: `https://jules.google.com/session/${id}`,
    outputs: session.outputs,
    archived: session.archived,
  };
}

export const activityOnWire = ({ wire }: Activity): Fields => ({ ...wire });
