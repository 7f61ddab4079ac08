import assert from "node:assert/strict";
import { test } from "node:test";
import { needsTmux, never, privateServer, until } from "./private-server-for-tests.ts";
import { plainLines, selfContainedLines } from "./sgr-lines.ts";

const E = "\x1b[";

test("plain lines stay as they are, without trailing blanks", () => {
  assert.deepEqual(selfContainedLines(["a  b  ", "", "   "]), ["a  b", "", ""]);
});

test("a colour that holds over the line's end is set again on the next line, and each line ends in a reset", () => {
  assert.deepEqual(selfContainedLines([`${E}31mred`, "still red", `red${E}39m plain`, "plain"]), [
    `${E}31mred${E}0m`,
    `${E}31mstill red${E}0m`,
    `${E}31mred${E}39m plain${E}0m`,
    "plain",
  ]);
});

test("a reset ends everything, with or without its zero", () => {
  assert.deepEqual(selfContainedLines([`${E}1;31;44ma${E}0m`, "b", `${E}1mc${E}m`, "d"]), [
    `${E}1;31;44ma${E}0m`,
    "b",
    `${E}1mc${E}0m`,
    "d",
  ]);
});

test("a later colour takes the place of the earlier one, whatever its kind", () => {
  const [, second] = selfContainedLines([`${E}31m${E}38;5;208m${E}48;2;1;2;3m${E}97m${E}104mx`, "y"]);
  assert.equal(second, `${E}97;104my${E}0m`);
});

test("colours of many numbers are one colour, and what follows them counts on its own", () => {
  const [, second] = selfContainedLines([`${E}38;5;1;1;48;2;0;0;0;3mx`, "y"]);
  assert.equal(second, `${E}38;5;1;1;48;2;0;0;0;3my${E}0m`);
  const [, third] = selfContainedLines([`${E}38:2::1:2:3;4:3;58:5:9mx`, "y"]);
  assert.equal(third, `${E}38:2::1:2:3;4:3;58:5:9my${E}0m`);
});

test("codes that take back one attribute leave the others", () => {
  const [, second] = selfContainedLines([`${E}1;2;3;4;7;53mx${E}22;24;27;55m.`, "y"]);
  assert.equal(second, `${E}3my${E}0m`);
  assert.deepEqual(selfContainedLines([`${E}4:3mx${E}4:0m.`, "y"])[1], "y");
});

test("blanks with a background are kept, and blanks without are cut", () => {
  assert.deepEqual(selfContainedLines([`${E}44mbar   `, "   ", `${E}49m   `, `${E}31mx   `]), [
    `${E}44mbar   ${E}0m`,
    `${E}44m   ${E}0m`,
    "",
    `${E}31mx${E}0m`,
  ]);
});

test("blanks before a background that begins after them are kept", () => {
  assert.deepEqual(selfContainedLines([`   ${E}7mX${E}27m  `]), [`   ${E}7mX${E}0m`]);
});

test("a line that only changes what holds is empty, and the next one shows it", () => {
  assert.deepEqual(selfContainedLines([`${E}32m`, "green"]), ["", `${E}32mgreen${E}0m`]);
});

test("links, character sets by name, cursor moves and unknown escapes are left out", () => {
  const line = `\x1b]8;id=1;https://x.example\x1b\\link\x1b]8;;\x07 \x0eqqq\x0f\x1b(B${E}2K${E}10;3H\x1b7.`;
  assert.deepEqual(selfContainedLines([line]), ["link ───."]);
});

test("letters of the line drawing set are lines and corners, also over a line's end, and other letters stay", () => {
  const box = ["\x0elqk", `x ${E}31mx${E}39m`, "mqj\x0f lqk", "x"];
  assert.deepEqual(selfContainedLines(box), ["┌─┐", `│ ${E}31m│${E}0m`, "└─┘ lqk", "x"]);
  assert.deepEqual(plainLines(box), ["┌─┐", "│ │", "└─┘ lqk", "x"]);
  assert.deepEqual(plainLines(["\x0e`afgjklmnqtuvwxyz{|}~A_\x0f~"]), ["◆▒°±┘┐┌└┼─├┤┴┬│≤≥π≠£·A_~"]);
});

test("boxes that a program drew with the line drawing set are boxes to the reader", needsTmux, async (context) => {
  const { run, connect } = privateServer(context);
  const drawing = "printf '\\033(0lqqk\\nx  x\\n\\033[31mmqqj\\033(B\\033[0m lqk'; exec tail -f /dev/null";
  await run("new-session", "-d", "-s", "lead", "-x", "40", "-y", "5", "--", "sh", "-c", drawing);
  const server = connect();
  const [pane] = await server.listPanes(never);
  const look = (withEscapes: boolean) => server.capture(pane?.paneId ?? "", { withEscapes }, never);
  await until("it has drawn", async () => (await look(false)).lines.join("").endsWith("lqk"));
  assert.deepEqual((await look(false)).lines, ["┌──┐", "│  │", "└──┘ lqk", "", ""]);
  assert.deepEqual((await look(true)).lines, ["┌──┐", "│  │", `${E}31m└──┘${E}39m lqk${E}0m`, "", ""]);
});
