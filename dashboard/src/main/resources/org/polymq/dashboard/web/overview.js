import { h, reactive, onMounted, onUnmounted, card, number, bytes, failure, panel } from './parts.js';
import { live } from './api.js';

const SHOWN = 90;

export const Overview = {
  setup() {
    const state = reactive({ now: null, error: null });
    const canvases = { messages: null, clients: null };
    const charts = {};
    let stop = () => {};

    const chart = (canvas, labels) => new window.Chart(canvas, {
      type: 'line',
      data: { labels: [], datasets: labels.map((label, i) => ({
        label, data: [], borderWidth: 2, pointRadius: 0, tension: 0.2,
        borderColor: ['#2563eb', '#16a34a', '#d97706', '#9333ea'][i],
      })) },
      options: { animation: false, maintainAspectRatio: false, scales: { y: { beginAtZero: true }, x: { ticks: { maxTicksLimit: 6 } } } },
    });

    const add = (target, label, values) => {
      target.data.labels.push(label);
      target.data.datasets.forEach((set, i) => set.data.push(values[i]));
      if (target.data.labels.length > SHOWN) {
        target.data.labels.shift();
        target.data.datasets.forEach(set => set.data.shift());
      }
      target.update();
    };

    const take = now => {
      state.now = now;
      state.error = null;
      const label = now.at.slice(11, 19);
      if (!charts.messages && canvases.messages && window.Chart) {
        charts.messages = chart(canvases.messages, ['stored a second', 'MQTT in', 'MQTT out']);
        charts.clients = chart(canvases.clients, ['MQTT', 'JMS', 'RocketMQ']);
      }
      if (charts.messages) {
        add(charts.messages, label, [now.storedPerSecond, now.mqttInPerSecond, now.mqttOutPerSecond]);
        add(charts.clients, label, [now.clients.mqtt, now.clients.jms, now.clients.rocketmq]);
      }
    };

    onMounted(() => { stop = live(take, e => { state.error = e; }); });
    onUnmounted(() => {
      stop();
      Object.values(charts).forEach(one => one.destroy());
    });

    return () => {
      const now = state.now;
      return h('div', [
        h('h2', 'Overview'),
        failure(state.error),
        now && now.alarms.length ? panel(h('h3', { class: 'bad' }, 'Alarms'), h('ul', now.alarms.map(alarm => h('li', { class: 'bad' }, alarm)))) : null,
        now ? h('div', { class: 'cards' }, [
          card('messages stored a second', number(now.storedPerSecond)),
          card('messages stored since the start', number(now.stored)),
          card('clients connected', number(now.clients.mqtt + now.clients.jms + now.clients.rocketmq)),
          card('topics and queues', number(now.topics)),
          card('MQTT sessions', number(now.sessions)),
          card('subscriptions', number(now.subscriptions)),
          card('retained', number(now.retained)),
          card('delayed', number(now.delayed)),
          card('log kept', bytes(now.logBytes)),
          card('disk free', bytes(now.diskFree), now.diskFree < 0.1 * now.diskTotal ? 'bad' : ''),
          card('heap', bytes(now.heapUsed) + ' of ' + bytes(now.heapMost)),
          card('up', now.up),
        ]) : h('p', { class: 'dim' }, 'waiting for the first figures'),
        panel(h('h3', 'Messages a second'), h('canvas', { ref: one => { canvases.messages = one; }, role: 'img', 'aria-label': 'messages a second over the last minutes' })),
        panel(h('h3', 'Clients'), h('canvas', { ref: one => { canvases.clients = one; }, role: 'img', 'aria-label': 'connected clients by protocol over the last minutes' })),
      ]);
    };
  },
};
