import { h, reactive, onMounted, onUnmounted, field, button, failure, panel } from './parts.js';
import { get } from './api.js';
import { MqttClient } from './mqtt.js';

const KEPT = 200;

export const TryIt = {
  setup() {
    const state = reactive({ url: '', user: '', password: '', filter: 'greetings/#', topic: 'greetings/world', body: 'hello', retain: false, connected: false, lines: [], error: null });
    let client = null;
    onMounted(async () => {
      try {
        const listeners = (await get('listeners')).listeners;
        const socket = listeners.find(one => one.name === 'websocket');
        const secure = location.protocol === 'https:' ? 'wss' : 'ws';
        if (socket) { state.url = secure + '://' + location.hostname + ':' + socket.port + '/mqtt'; }
      } catch (e) {
        state.error = e;
      }
    });
    onUnmounted(() => client && client.close());
    const say = line => { state.lines.unshift(line); state.lines.length = Math.min(state.lines.length, KEPT); };
    const connect = event => {
      event.preventDefault();
      state.error = null;
      client = new MqttClient(state.url, state.user, state.password, {
        connected: () => { state.connected = true; say('connected'); },
        refused: code => { state.error = new Error('the broker refused the connection with code ' + code); },
        message: (topic, body, retain) => say(topic + (retain ? ' (retained)' : '') + ': ' + new TextDecoder().decode(body)),
        subscribed: code => say(code > 2 ? 'the subscription is refused' : 'subscribed'),
        closed: () => { state.connected = false; say('closed'); },
      });
    };
    return () => h('div', [
      h('h2', 'Try it: an MQTT client'),
      failure(state.error),
      panel(h('form', { class: 'row', onSubmit: connect }, [
        field('WebSocket', state, 'url', { size: 34, required: true }),
        field('User', state, 'user', { autocomplete: 'off' }),
        field('Password', state, 'password', { type: 'password', autocomplete: 'off' }),
        state.connected ? button('Disconnect', () => client.close()) : h('button', { type: 'submit', class: 'main' }, 'Connect'),
      ])),
      state.connected ? panel(h('div', { class: 'row' }, [
        field('Filter', state, 'filter'),
        button('Subscribe', () => client.subscribe(state.filter), 'main'),
      ]), h('div', { class: 'row' }, [
        field('Topic', state, 'topic'),
        field('Message', state, 'body'),
        field('Retain', state, 'retain', { type: 'checkbox' }),
        button('Publish', () => client.publish(state.topic, state.body, state.retain), 'main'),
      ])) : null,
      panel(h('pre', { 'aria-live': 'polite', id: 'seen' }, state.lines.join('\n') || 'nothing yet')),
    ]);
  },
};
