const DEADLINE_MS = 2000;
const MAX_ANSWER_BYTES = 65_536;

/** Calls one method of the node's FleetService with Connect's JSON over HTTP/1.1 on a Unix socket.
 *  @param {string} socketPath @param {string} method @param {object} request
 *  @returns {Promise<Record<string, unknown>>} the answer; rejects after 2 s, or when the status is not 200 */
export async function callNode(socketPath, method, request) {
  // Loaded on the first call, so that the screen is there first.
  const http = await import("node:http");
  const body = JSON.stringify(request);
  return new Promise((resolve, reject) => {
    const call = http.request({
      socketPath,
      method: "POST",
      path: `/mosaic.fleet.v1.FleetService/${method}`,
      headers: {
        host: "localhost",
        "content-type": "application/json",
        "connect-protocol-version": "1",
        "connect-timeout-ms": String(DEADLINE_MS),
        "content-length": Buffer.byteLength(body),
      },
      agent: false,
      signal: AbortSignal.timeout(DEADLINE_MS),
    });
    call.on("error", reject);
    call.on("response", (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("error", reject);
      response.on("data", (chunk) => {
        text += chunk;
        if (text.length > MAX_ANSWER_BYTES) call.destroy(new Error("answer too large"));
      });
      response.on("end", () => {
        if (response.statusCode !== 200) return reject(new Error(`HTTP ${response.statusCode}`));
        try {
          resolve(JSON.parse(text));
        } catch (error) {
          reject(error);
        }
      });
    });
    call.end(body);
  });
}
