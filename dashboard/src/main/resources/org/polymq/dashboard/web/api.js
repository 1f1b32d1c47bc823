// Talks to the admin API. The token lives as long as the browser's tab and is sent as a header, never as a cookie.
const KEY = 'polymq-token';

export class ApiError extends Error {
  constructor(status, code, message) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

let onLogout = () => {};
export function whenLoggedOut(action) { onLogout = action; }

function headers(extra) {
  const token = sessionStorage.getItem(KEY);
  return token ? { ...extra, Authorization: 'Bearer ' + token } : { ...extra };
}

async function answer(response) {
  const body = await response.json().catch(() => ({}));
  if (!response.ok) {
    if (response.status === 401) { sessionStorage.removeItem(KEY); onLogout(); }
    throw new ApiError(response.status, body.code || '', body.message || 'the server answered ' + response.status);
  }
  return body;
}

async function call(method, path, body) {
  let response;
  try {
    response = await fetch('api/v1/' + path, {
      method,
      headers: headers(body === undefined ? {} : { 'Content-Type': 'application/json' }),
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch (e) {
    throw new ApiError(0, 'UNREACHABLE', 'the server does not answer');
  }
  return answer(response);
}

export const get = path => call('GET', path);
export const post = (path, body) => call('POST', path, body);
export const put = (path, body) => call('PUT', path, body);
export const remove = path => call('DELETE', path);
export const escape = encodeURIComponent;

/** Logs in with a password and keeps a token for this tab. */
export async function login(user, password) {
  const basic = btoa(String.fromCharCode(...new TextEncoder().encode(user + ':' + password)));
  const made = await answer(await fetch('api/v1/users/' + escape(user) + '/tokens', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Authorization: 'Basic ' + basic },
    body: JSON.stringify({ life: 'PT12H' }),
  }));
  sessionStorage.setItem(KEY, made.token);
}

export function logout() {
  sessionStorage.removeItem(KEY);
  onLogout();
}

/** Takes the live figures until stop() is called; begins again after a lost connection. */
export function live(take, lost) {
  let stopped = false;
  const aborter = new AbortController();
  (async () => {
    while (!stopped) {
      try {
        const response = await fetch('api/v1/live', { headers: headers({}), signal: aborter.signal });
        if (!response.ok) { await answer(response); }
        const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
        let text = '';
        for (;;) {
          const { value, done } = await reader.read();
          if (done) { break; }
          text += value;
          const events = text.split('\n\n');
          text = events.pop();
          for (const event of events) {
            const data = event.split('\n').filter(line => line.startsWith('data: ')).map(line => line.slice(6)).join('');
            if (data) { take(JSON.parse(data)); }
          }
        }
      } catch (e) {
        if (stopped) { return; }
        lost(e);
      }
      await new Promise(resume => setTimeout(resume, 2000));
    }
  })();
  return () => { stopped = true; aborter.abort(); };
}
