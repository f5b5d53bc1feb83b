/** Asks `/health` every 25 ms from a process of its own, until told to stop; then sends the times, ms. */

const url = process.argv[2]!;
const times: number[] = [];
let running = true;
process.on('message', () => {
  running = false;
});
process.send?.('ready');
while (running) {
  const began = performance.now();
  const response = await fetch(`${url}/health`);
  await response.text();
  if (response.ok) times.push(performance.now() - began);
  else times.push(Number.POSITIVE_INFINITY);
  await new Promise((resolve) => setTimeout(resolve, 25));
}
process.send?.(times, () => process.exit(0));
