"""Frames, and events in their order."""

# Frames.

decode = json.JSONDecoder().decode
received = bytearray()


def read_frame(generation=None):
    """One of an older generation is not read: it was sent before an event in front of it made a signal, and comes again."""
    while True:
        if len(received) >= 4:
            end = 4 + int.from_bytes(received[:4], "little")
            if len(received) >= end:
                text = received[4:end].decode()
                del received[:end]
                if generation is None or text[: text.index(',"k"')].endswith(f',"g":{generation}'):
                    return decode(text)
                continue
        more = os.read(SOCKET, 262144)
        if not more:
            os._exit(0)
        received.extend(more)


def send(text):
    data = text.encode()
    data = len(data).to_bytes(4, "little") + data
    while data:
        data = data[os.write(SOCKET, data) :]


def make_bar(symbol, timeframe, values):
    bar = Bar.__new__(Bar)
    bar._at, bar.open, bar.high, bar.low, bar.close, bar.volume = values
    bar.symbol = symbol
    bar.timeframe = timeframe
    return bar


def make_trade(symbol, values):
    trade = Trade.__new__(Trade)
    trade._at, trade.price, trade.size = values
    trade.symbol = symbol
    trade.tickType = "trade"
    return trade


class Session:
    def __init__(self, init):
        BaseStrategy.params = init["params"]
        state.update(init["state"] or {})
        self.symbol, self.timeframe = init["symbol"], init["timeframe"]
        self.sent_state = encode(state) if state else "{}"
        self.generation = 0
        self.forms = Forms(init)
        if init["started"]:  # it goes on after a crash: what on_start asks for was asked for before
            try:
                self.forms.on_start()
            except BaseException as error:
                raise Refused(describe(error)) from None
            signals.clear()

    def callbacks(self, frame):
        kind, events = frame["k"], frame["e"]
        symbol, timeframe = self.symbol, self.timeframe
        if kind == "bar":
            call = self.forms.on_bar
            return ((call, (make_bar(symbol, timeframe, each),)) for each in events)
        if kind == "trade":
            call = self.forms.on_trade
            return ((call, (make_trade(symbol, each),)) for each in events)
        return (((self.forms.on_start if kind == "start" else self.forms.on_stop), ()),)

    def evaluate(self, frame):
        """Events in order, up to one that signals: what is held may have changed before the next one."""
        muted, results, size, done, stopped = frame["m"], [], 0, 0, False
        adopt = self.forms.adopt_state
        for call, arguments in self.callbacks(frame):
            error = None
            try:
                call(*arguments)
            except BaseException as caught:
                error = describe(caught)
            if self.forms.globals is not None:
                adopt()
            if signals or error or output.lines or output.rest:
                text = encode(self.result(done, error))
                results.append(text)
                size += len(text)
                stopped = not muted and bool(signals)
                signals.clear()
            done += 1
            if stopped or size > FULL:
                stopped = True
                break
        self.answer(frame, done, stopped, results)

    @staticmethod
    def result(index, error):
        result = {"i": index}
        if signals:
            result["x"] = signals
        lines = output.take()
        if lines:
            result["o"] = lines
        if error:
            result["e"] = error
        return result

    def answer(self, frame, done, stopped, results):
        changed, problem = "", ""
        try:
            text = encode(state)
            if len(text) > MOST_STATE:
                problem = f"state is too large (expected at most {MOST_STATE} bytes of JSON, got {len(text)})"
            elif "\\u0000" in text:
                problem = "state holds a NUL, which can't be kept"
            elif text != self.sent_state:
                changed, self.sent_state = f',"s":{encode(text)}', text
        except BaseException as error:
            problem = "state can't be kept as JSON: " + describe(error)
        if problem:
            changed = f',"p":{encode(problem)}'
        if stopped:
            self.generation += 1
        send(f'{{"id":{frame["id"]},"n":{done},"stop":{int(stopped)},"r":[{",".join(results)}]{changed}}}')


def main():
    sys.stdout = sys.stderr = output
    module("strategies")
    module("strategies.base_strategy", BaseStrategy=BaseStrategy, Bar=Bar, Trade=Trade)
    module("models")
    module("models.market_data", Bar=Bar, Trade=Trade, ControlEvent=ControlEvent)
    send('{"hello":1}')
    init = read_frame()
    try:
        session = Session(init)
    except Refused as problem:
        send(encode({"refused": str(problem), "o": output.take()}))
        os._exit(0)
    send(encode({"ready": session.forms.form, "warm_up": session.forms.warm_up, "o": output.take()}))
    while True:
        frame = read_frame(session.generation)
        if "p" in frame:
            position.quantity, position.cost = frame["p"]
        session.evaluate(frame)


try:
    main()
except BaseException as error:
    os.write(2, describe(error).encode())
    os._exit(1)
