import { h, reactive, table, number, time, field, choice, button, sure, loaded, doing, paged, failure, panel } from './parts.js';
import { get, put, post, remove, escape } from './api.js';

export const Groups = {
  setup() {
    const query = reactive({ name: '' });
    const list = paged('groups', 'groups', query);
    return () => h('div', [
      h('h2', 'Consumer groups'),
      h('p', { class: 'dim' }, 'Groups of RocketMQ clients, which consume by offset. Queues, JMS and MQTT are under Subscriptions.'),
      h('form', { class: 'row', onSubmit: e => { e.preventDefault(); list.load(false); } }, [
        field('Name contains', query, 'name', { type: 'search' }),
        h('button', { type: 'submit', class: 'main' }, 'Show'),
      ]),
      failure(list.error),
      panel(table([
        { title: 'Name', value: row => row.name },
        { title: 'Topics', number: true, value: row => number(row.topics) },
        { title: 'Lag', number: true, render: row => h('span', { class: row.lag === undefined ? 'warn' : '' }, number(row.lag)) },
        { title: 'Consumes', value: row => row.enabled ? 'yes' : 'no' },
        { title: 'Retries', number: true, value: row => number(row.maxRetries) },
      ], list.rows, 'no group yet', row => '#/groups/' + escape(row.name)), list.more()),
    ]);
  },
};

export const Group = {
  props: ['id'],
  setup(props) {
    const path = 'groups/' + escape(props.id);
    const group = loaded(() => get(path), 3);
    const act = doing(() => group.load());
    const form = reactive({ topic: '', to: 'earliest', time: '' });
    const reset = act.run(async () => {
      await post(path + '/reset', { topic: form.topic, ...(form.to === 'time' ? { time: form.time } : { to: form.to }) });
      return 'moved';
    });
    return () => {
      const data = group.data;
      return h('div', [
        h('p', h('a', { href: '#/groups' }, 'All groups')),
        h('h2', props.id),
        failure(group.error), act.view(),
        data ? [
          panel(h('p', ['Lag: ', h('b', { class: data.lag === undefined ? 'warn' : '' }, number(data.lag))]), table([
            { title: 'Topic', value: row => row.topic },
            { title: 'Queue', number: true, value: row => String(row.queue) },
            { title: 'Next to consume', number: true, value: row => number(row.committed) },
            { title: 'End', number: true, value: row => number(row.end) },
            { title: 'Lag', number: true, value: row => number(row.lag) },
            { title: 'Stored when', value: row => time(row.lastConsumed) },
          ], data.positions, 'this group has committed no offset yet: its lag is not known')),
          panel(h('h3', 'Move it'), h('form', { class: 'row', onSubmit: reset }, [
            field('Topic', form, 'topic', { required: true }),
            choice('To', form, 'to', ['earliest', 'latest', 'time']),
            form.to === 'time' ? field('Time, such as 2026-01-31T12:00:00Z', form, 'time', { required: true }) : null,
            h('button', { type: 'submit', class: 'main' }, 'Move'),
            button('Skip all of the topic', sure('Have ' + props.id + ' skip all that it has not consumed of ' + form.topic + '?', act.run(async () => {
              const moved = await post(path + '/purge', { topic: form.topic });
              return moved.skipped === undefined ? 'skipped' : number(moved.skipped) + ' skipped';
            })), 'danger'),
          ])),
          h('div', { class: 'row' }, [
            button(data.enabled ? 'Stop consuming' : 'Allow consuming', act.run(() => put(path, { enabled: !data.enabled, version: data.version }).then(() => 'changed'))),
            button('Delete', sure('Delete group ' + props.id + ' with its offsets?', act.run(async () => {
              await remove(path);
              location.hash = '#/groups';
            })), 'danger'),
          ]),
        ] : null,
      ]);
    };
  },
};

const DELETABLE = ['jms-durable', 'jms-shared', 'mqtt-shared'];

export const Subscriptions = {
  setup() {
    const query = reactive({ name: '', kind: '' });
    const list = paged('subscriptions', 'subscriptions', query);
    const act = doing(() => list.load(false));
    const part = text => text === '' ? '-' : escape(text);
    return () => h('div', [
      h('h2', 'Subscriptions'),
      h('p', { class: 'dim' }, 'What is consumed by acknowledgement: queues, JMS and MQTT subscriptions, and RocketMQ groups that consume by POP.'),
      h('form', { class: 'row', onSubmit: e => { e.preventDefault(); list.load(false); } }, [
        field('Contains', query, 'name', { type: 'search' }),
        choice('Kind', query, 'kind', ['', 'queue', 'jms-durable', 'jms-shared', 'mqtt-session', 'mqtt-shared', 'pop']),
        h('button', { type: 'submit', class: 'main' }, 'Show'),
      ]),
      failure(list.error), act.view(),
      panel(table([
        { title: 'Kind', value: row => row.kind },
        { title: 'Owner', value: row => row.owner },
        { title: 'Name', value: row => row.name },
        { title: 'Filters', value: row => row.filters.join(', ') },
        { title: 'Waiting', number: true, value: row => number(row.waiting) },
        { title: 'Consumers', value: row => row.active ? 'yes' : 'none' },
        { title: '', render: row => h('div', { class: 'row' }, [
          row.waiting ? button('Purge', sure('Take all ' + number(row.waiting) + ' messages that wait here?', act.run(async () =>
            number((await post('subscriptions/' + row.kind + '/' + part(row.owner) + '/' + part(row.name) + '/purge')).taken) + ' taken')), 'danger') : null,
          DELETABLE.includes(row.kind) && !row.active ? button('Delete', sure('Delete this subscription with what waits for it?', act.run(() =>
            remove('subscriptions/' + row.kind + '/' + part(row.owner) + '/' + part(row.name)).then(() => 'deleted'))), 'danger') : null,
        ]) },
      ], list.rows, 'no subscription'), list.more()),
    ]);
  },
};
