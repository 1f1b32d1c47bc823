// A small MQTT 3.1.1 client over WebSocket for the page "Try it": QoS 0, one connection.
const text = new TextEncoder();

const string = value => { const bytes = text.encode(value); return [bytes.length >> 8, bytes.length & 255, ...bytes]; };

function packet(first, body) {
  const length = [];
  let left = body.length;
  do {
    length.push((left & 127) | (left > 127 ? 128 : 0));
    left >>= 7;
  } while (left > 0);
  return Uint8Array.from([first, ...length, ...body]);
}

export class MqttClient {
  /** on: { connected(), refused(code), message(topic, bytes, retain), subscribed(code), closed() } */
  constructor(url, user, password, on) {
    this.socket = new WebSocket(url, 'mqtt');
    this.socket.binaryType = 'arraybuffer';
    this.on = on;
    this.data = new Uint8Array(0);
    this.next = 1;
    this.socket.onopen = () => {
      const flags = 2 | (user ? 128 : 0) | (user && password ? 64 : 0);
      this.socket.send(packet(0x10, [...string('MQTT'), 4, flags, 0, 30, ...string(''),
        ...(user ? string(user) : []), ...(user && password ? string(password) : [])]));
      this.timer = setInterval(() => this.socket.send(packet(0xC0, [])), 20000);
    };
    this.socket.onmessage = event => this.take(new Uint8Array(event.data));
    this.socket.onclose = () => { clearInterval(this.timer); on.closed(); };
  }

  take(bytes) {
    const all = new Uint8Array(this.data.length + bytes.length);
    all.set(this.data);
    all.set(bytes, this.data.length);
    let at = 0;
    for (;;) {
      let length = 0;
      let shift = 0;
      let head = at + 1;
      let complete = false;
      while (head < all.length && shift <= 21) {
        const byte = all[head++];
        length |= (byte & 127) << shift;
        shift += 7;
        if (byte < 128) { complete = true; break; }
      }
      if (!complete || head + length > all.length) { break; }
      this.handle(all[at], all.subarray(head, head + length));
      at = head + length;
    }
    this.data = all.slice(at);
  }

  handle(first, body) {
    const type = first >> 4;
    if (type === 2) {
      if (body[1] === 0) { this.on.connected(); } else { this.on.refused(body[1]); }
    } else if (type === 3) {
      const length = (body[0] << 8) | body[1];
      this.on.message(new TextDecoder().decode(body.subarray(2, 2 + length)), body.slice(2 + length), (first & 1) === 1);
    } else if (type === 9) {
      this.on.subscribed(body[2]);
    }
  }

  subscribe(filter) {
    const id = this.next++ & 0xFFFF || this.next++;
    this.socket.send(packet(0x82, [id >> 8, id & 255, ...string(filter), 0]));
  }

  publish(topic, body, retain) {
    this.socket.send(packet(0x30 | (retain ? 1 : 0), [...string(topic), ...text.encode(body)]));
  }

  close() {
    if (this.socket.readyState === WebSocket.OPEN) { this.socket.send(packet(0xE0, [])); }
    this.socket.close();
  }
}
