import { h, reactive, table, number, time, field, button, sure, loaded, doing, paged, failure, panel } from './parts.js';
import { get, post, remove, escape } from './api.js';

export const DeadLetters = {
  setup() {
    const query = reactive({ name: '' });
    const list = paged('queues', 'dead-letters', query);
    return () => h('div', [
      h('h2', 'Dead letters'),
      h('p', { class: 'dim' }, 'What RocketMQ groups and JMS applications were handed too often without consuming it.'),
      h('form', { class: 'row', onSubmit: e => { e.preventDefault(); list.load(false); } }, [
        field('Name contains', query, 'name', { type: 'search' }),
        h('button', { type: 'submit', class: 'main' }, 'Show'),
      ]),
      failure(list.error),
      panel(table([
        { title: 'Of', value: row => row.of },
        { title: 'Waiting', number: true, value: row => number(row.waiting) },
        { title: 'Queue', value: row => row.queue },
        { title: 'Stored', number: true, value: row => number(row.stored) },
      ], list.rows, 'no dead letters', row => '#/dead-letters/' + escape(row.queue)), list.more()),
    ]);
  },
};

export const Letters = {
  props: ['id'],
  setup(props) {
    const path = 'dead-letters/' + escape(props.id);
    const at = reactive({ offset: null, chosen: [] });
    const letters = loaded(() => get(path + (at.offset === null ? '' : '?offset=' + at.offset)));
    const act = doing(() => { at.chosen = []; return letters.load(); });
    const choose = (position, on) => { at.chosen = on ? at.chosen.concat(position) : at.chosen.filter(one => one !== position); };
    const resend = positions => act.run(async () => {
      const answer = await post(path + '/resend', { positions });
      if (answer.refused.length) { throw new Error(answer.resent + ' sent again; ' + answer.refused.map(one => one.position + ': ' + one.message).join('; ')); }
      return answer.resent + ' sent again';
    });
    return () => h('div', [
      h('p', h('a', { href: '#/dead-letters' }, 'All dead letters')),
      h('h2', props.id),
      failure(letters.error), act.view(),
      letters.data ? panel(table([
        { title: 'Position', value: row => String(row.position) },
        { title: 'Choose', render: row => h('input', {
          type: 'checkbox', 'aria-label': 'choose ' + row.position, checked: at.chosen.includes(row.position),
          onChange: event => choose(row.position, event.target.checked),
        }) },
        { title: 'Stored', value: row => time(row.storedAt) },
        { title: 'Published to', value: row => row.topic || 'not known' },
        { title: 'Why', value: row => row.reason || (row.deliveries === undefined ? '' : row.deliveries + ' deliveries') },
        { title: 'Size', number: true, value: row => number(row.size) },
        { title: 'Begins with', value: row => row.preview },
        { title: '', render: row => button('Send again', resend([row.position])) },
      ], letters.data.letters, 'nothing waits here', row => '#/messages/' + row.position)) : null,
      h('div', { class: 'row' }, [
        button('Send the chosen again', () => resend(at.chosen)(), 'main', { disabled: at.chosen.length === 0 }),
        letters.data && letters.data.next !== undefined ? button('Next', () => { at.offset = letters.data.next; letters.load(); }) : null,
        button('Purge', sure('Take everything out of ' + props.id + '?', act.run(async () => {
          const answer = await post('topics/' + escape(props.id) + '/purge');
          return number(answer.taken) + ' taken';
        })), 'danger'),
      ]),
    ]);
  },
};

export const Delayed = {
  setup() {
    const list = paged('delayed', 'delayed', reactive({}));
    const act = doing(() => list.load(false));
    return () => h('div', [
      h('h2', 'Delayed messages'),
      h('p', { class: 'dim' }, 'Stored and not due yet, the earliest first. Retries of RocketMQ clients are among them.'),
      h('div', { class: 'row' }, [button('Show again', () => list.load(false))]),
      failure(list.error), act.view(),
      panel(table([
        { title: 'Due', value: row => time(row.due) },
        { title: 'Topic', value: row => row.topic },
        { title: 'Stored', value: row => time(row.storedAt) },
        { title: 'By', value: row => row.origin },
        { title: 'Size', number: true, value: row => number(row.size) },
        { title: 'Begins with', value: row => row.preview },
        { title: '', render: row => button('Cancel', sure('Take this message back? Nobody will see it.', act.run(() =>
          remove('delayed/' + escape(row.id)).then(() => 'cancelled'))), 'danger') },
      ], list.rows, 'nothing is delayed', row => '#/messages/' + row.id.split('-')[1]), list.more()),
    ]);
  },
};
