import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';

/** Longer than the service waits for a call to stop, and for the log lines it writes then. */
const ENDS_WITHIN = 10_000;

test('ends on SIGTERM also where the reader of its log has gone', async () => {
  const service = spawn(process.execPath, ['scripts/start.mjs', '--port', '0'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void service.kill('SIGKILL'));
  const ended = once(service, 'exit');
  for await (const lines of service.stdout) if (String(lines).includes('rasid listens')) break;

  service.stdout.destroy();
  service.kill('SIGTERM');

  expect(await Promise.race([ended, delay(ENDS_WITHIN, 'still running', { ref: false })])).toEqual([0, null]);
});

test('drains also where npm alone is signalled', async () => {
  const npm = spawn('npm', ['start', '--silent', '--', '--port', '0'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  });
  onTestFinished(() => {
    try {
      process.kill(-npm.pid!, 'SIGKILL');
    } catch {
      // All have ended.
    }
  });
  let log = '';
  for await (const lines of npm.stdout) {
    log += String(lines);
    if (!npm.killed && log.includes('rasid listens')) npm.kill('SIGTERM');
  }
  // Its output ends when the last process that writes to it has.
  expect(log).toContain('"stopped"');
});
