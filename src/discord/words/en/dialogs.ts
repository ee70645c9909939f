/** Discord's limits: 45 characters for a title or a label, 100 for what stands below a label or in an empty field. */
export const dialogs = {
  task: {
    titles: {
      ask: 'Ask Jules',
      retry: (number: number) => `Try task #${number} again`,
      edit: (number: number) => `Edit task #${number}`,
    },
    prompt: { label: 'What Jules should do', placeholder: 'Fix the failing login test' },
    more: {
      label: 'The rest of it',
      about: (field: number, both: number) => `A field holds ${field} characters; both together may have ${both}.`,
      placeholder: 'Left empty: nothing more',
    },
    repo: { label: 'Repository', about: (repo: string, from: string) => `Left empty: ${repo} (${from})` },
    branch: {
      label: 'Branch to start from',
      placeholder: (branch: string) => `Left empty: ${branch}`,
      defaultPlaceholder: 'Left empty: the default',
    },
    plan: {
      label: 'Its plan',
      usualLabel: 'As you have it, or else the server',
      readLabel: 'An approver reads it before it runs',
      runLabel: 'It runs at once, where the server lets you say so',
    },
  },
  masked: 'What looks like a secret is masked here; where it is needed, write it anew.',
  reject: {
    title: 'Reject this task',
    label: 'Reason',
    about: 'The requester is told it, in a direct message.',
    placeholder: 'Why it should not be done, or what to change',
  },
  answer: { title: 'Answer Jules', label: 'Your answer', placeholder: 'What Jules should know or do' },
  changes: {
    title: 'Ask for changes of the plan',
    label: 'What to change',
    placeholder: 'For example: leave out step 3, and write the tests first',
  },
  reply: {
    title: 'Tell Jules something',
    label: 'Message',
    placeholder: 'What it should do differently, or look at',
  },
  follow: {
    title: (number: number) => `Follow up on task #${number}`,
    label: 'What else to do',
    placeholder: 'For example: add a test for the empty list',
    where: {
      label: 'Where',
      same: { label: 'In the same session', about: 'Jules goes on at once, on the same branch.' },
      anew: {
        label: 'As a new task',
        about: 'With a card of its own, to be confirmed like any other. It names the pull request.',
      },
    },
    about: {
      onlyNew: 'Its session cannot go on, so this asks for a new task that names the pull request.',
      onlySame: 'Jules goes on in the same session, on the same branch.',
      isCut: 'Only its beginning fits here; the file has all of it.',
    },
  },
};
