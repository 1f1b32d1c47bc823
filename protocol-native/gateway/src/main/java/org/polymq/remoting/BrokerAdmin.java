/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.polymq.broker.Broker;
import org.polymq.broker.stats.Growth;
import org.polymq.broker.stats.LogFigures;
import org.polymq.broker.stats.Meter;
import org.polymq.broker.stats.Meters;
import org.polymq.broker.topic.Topic;
import org.polymq.remoting.wire.BadRequestException;
import org.polymq.remoting.wire.ExtFields;
import org.polymq.remoting.wire.ForeignCodes;
import org.polymq.remoting.wire.JsonText;
import org.polymq.remoting.wire.RemotingCommand;
import org.polymq.remoting.wire.RequestCode;
import org.polymq.remoting.wire.ResponseCode;
import org.polymq.remoting.wire.body.PropertiesText;
import org.polymq.remoting.wire.body.TextLists;

/** Codes 25, 26, 28, 306, 315, 316 and 329, and those of parts that are not here: the broker as a whole. */
final class BrokerAdmin {
    private final Broker broker;
    private final NativeConfig config;
    private final LiveSettings settings;
    private final TopicDirectory directory;
    private final NativeStats stats;
    private final long startedAt;

    BrokerAdmin(
            Broker broker, NativeConfig config, LiveSettings settings, TopicDirectory directory, NativeStats stats) {
        this.broker = broker;
        this.config = config;
        this.settings = settings;
        this.directory = directory;
        this.stats = stats;
        this.startedAt = stats.now();
    }

    void addTo(Map<Integer, RequestHandler> handlers) {
        handlers.put(RequestCode.UPDATE_BROKER_CONFIG, this::configure);
        handlers.put(RequestCode.GET_BROKER_CONFIG, this::configuration);
        handlers.put(RequestCode.GET_BROKER_RUNTIME_INFO, this::runtime);
        handlers.put(RequestCode.VIEW_BROKER_STATS_DATA, this::statistics);
        handlers.put(RequestCode.DELETE_EXPIRED_COMMITLOG, this::deleteExpired);
        // A segment's index goes with the segment, and a topic's queues with the topic: there is nothing left over.
        handlers.put(RequestCode.CLEAN_EXPIRED_CONSUMEQUEUE, BrokerAdmin::done);
        handlers.put(RequestCode.CLEAN_UNUSED_TOPIC, BrokerAdmin::done);
        ForeignCodes.all()
                .forEach((code, reason) -> handlers.put(
                        code,
                        (request, from) ->
                                from.answer(request, request.answer(ResponseCode.REQUEST_CODE_NOT_SUPPORTED, reason))));
    }

    private static void done(RemotingCommand request, NativeConnection from) {
        from.answer(request, request.answer(ResponseCode.SUCCESS, null));
    }

    private void configure(RemotingCommand request, NativeConnection from) {
        Map<String, String> changes = PropertiesText.of(request.body());
        if (changes.isEmpty()) {
            throw new BadRequestException(ResponseCode.INVALID_PARAMETER, "no setting is named");
        }
        settings.change(changes, from, from.guarded(request, all -> done(request, from)));
    }

    private void configuration(RemotingCommand request, NativeConnection from) {
        Map<String, String> all = new TreeMap<>(config.shown());
        all.put("brokerName", config.brokerName());
        all.put("brokerClusterName", config.clusterName());
        all.put("brokerId", "0");
        all.put("brokerRole", "ASYNC_MASTER");
        all.put("autoCreateSubscriptionGroup", "true");
        all.put("enablePropertyFilter", "true");
        all.put("messageDelayLevel", config.delayLevels().text());
        all.put("msgTraceTopicName", NativeTopicNames.TRACE);
        all.put("traceTopicEnable", "true");
        all.put("traceOn", "true");
        all.putAll(settings.values());
        byte[] body = PropertiesText.encode(all);
        ExtFields version =
                new ExtFields().with("version", "{\"counter\":0,\"stateVersion\":0,\"timestamp\":" + startedAt + "}");
        from.answer(request, request.answer(ResponseCode.SUCCESS, null, version, body));
    }

    private void deleteExpired(RemotingCommand request, NativeConnection from) {
        broker.requestRetention();
        done(request, from);
    }

    private void statistics(RemotingCommand request, NativeConnection from) {
        String name = request.fields().string("statsName");
        String key = request.fields().string("statsKey");
        Meter meter = meter(name, key);
        if (meter == null) {
            throw new BadRequestException(
                    ResponseCode.SYSTEM_ERROR, "The stats <" + name + "> <" + key + "> not exist");
        }
        boolean bytes = name.endsWith("_SIZE");
        long now = stats.now();
        JsonText out = new JsonText();
        out.open();
        write(out.name("statsDay"), meter.day(now), bytes);
        write(out.name("statsHour"), meter.hour(now), bytes);
        write(out.name("statsMinute"), meter.minute(now), bytes);
        from.answer(request, request.answer(out.close().bytes()));
    }

    private @Nullable Meter meter(String name, String key) {
        return switch (name) {
            case "TOPIC_PUT_NUMS", "TOPIC_PUT_SIZE" ->
                directory
                        .find(key)
                        .flatMap(topic -> stats.stored().find(topic.id()))
                        .orElse(null);
            case "GROUP_GET_NUMS", "GROUP_GET_SIZE" -> ofGroup(stats.delivered(), key);
            case "SNDBCK_PUT_NUMS" -> ofGroup(stats.handedBack(), key);
            case "BROKER_PUT_NUMS" -> stats.stored().all();
            case "BROKER_GET_NUMS" -> stats.delivered().all();
            default -> null;
        };
    }

    /** RocketMQ's key is {@code topic@group}. */
    private @Nullable Meter ofGroup(Meters<NativeStats.GroupTopic> meters, String key) {
        int at = key.indexOf('@');
        if (at < 0) {
            return null;
        }
        Topic topic = directory.find(key.substring(0, at)).orElse(null);
        return topic == null
                ? null
                : meters.find(new NativeStats.GroupTopic(key.substring(at + 1), topic.id()))
                        .orElse(null);
    }

    private static void write(JsonText out, Growth growth, boolean bytes) {
        long sum = bytes ? growth.bytes() : growth.count();
        out.open().name("avgpt").value(growth.count() == 0 ? 0.0 : (double) sum / growth.count());
        out.name("sum").value(sum);
        out.name("tps")
                .value(bytes ? growth.bytesPerSecond() : growth.perSecond())
                .close();
    }

    private void runtime(RemotingCommand request, NativeConnection from) {
        Map<String, String> table = new TreeMap<>();
        rates(table);
        totals(table);
        log(table);
        table.put("timerCongestNum", Long.toString(broker.timers().pending()));
        table.put("timerEnqueueTps", Double.toString(stats.timersBegunPerSecond()));
        table.put("timerDequeueTps", Double.toString(stats.timersEndedPerSecond()));
        idle(table);
        table.put("brokerActive", "true");
        table.put("bootTimestamp", Long.toString(startedAt));
        table.put("startAcceptSendRequestTimeStamp", "0");
        table.put("runtime", uptime(Duration.ofMillis(stats.now() - startedAt)));
        table.put("brokerVersion", Integer.toString(RemotingCommand.VERSION));
        table.put("brokerVersionDesc", "V5_3_3");
        from.answer(request, request.answer(TextLists.table(table)));
    }

    private void rates(Map<String, String> table) {
        NativeStats.Rates found = stats.found();
        NativeStats.Rates missed = stats.missedPulls();
        table.put("putTps", stats.rates(stats.stored().all()).text());
        table.put("getFoundTps", found.text());
        table.put("getMissTps", missed.text());
        table.put("getTotalTps", found.plus(missed).text());
        String transferred = stats.rates(stats.delivered().all()).text();
        table.put("getTransferredTps", transferred);
        table.put("getTransferedTps", transferred); // as clients before 5.0 spell it
    }

    private void totals(Map<String, String> table) {
        Meter stored = stats.stored().all();
        Meter delivered = stats.delivered().all();
        table.put(
                "msgPutTotalYesterdayMorning",
                Long.toString(stats.storedMornings().yesterday()));
        table.put(
                "msgPutTotalTodayMorning", Long.toString(stats.storedMornings().today()));
        table.put("msgPutTotalTodayNow", Long.toString(stored.count()));
        table.put(
                "msgGetTotalYesterdayMorning",
                Long.toString(stats.deliveredMornings().yesterday()));
        table.put(
                "msgGetTotalTodayMorning",
                Long.toString(stats.deliveredMornings().today()));
        table.put("msgGetTotalTodayNow", Long.toString(delivered.count()));
        table.put("putMessageTimesTotal", Long.toString(stored.count()));
        table.put("putMessageSizeTotal", Long.toString(stored.bytes()));
        table.put(
                "putMessageAverageSize",
                Double.toString(stored.count() == 0 ? 0 : (double) stored.bytes() / stored.count()));
        table.put("putMessageFailedTimes", Long.toString(stats.refusedSends()));
    }

    private void log(Map<String, String> table) {
        LogFigures log = broker.logFigures();
        long total = log.diskSize();
        long free = log.diskFree();
        table.put("commitLogMinOffset", Long.toString(log.start()));
        table.put("commitLogMaxOffset", Long.toString(log.end()));
        table.put("commitLogDirCapacity", "Total : " + size(total) + ", Free : " + size(free) + ".");
        String used = String.format(Locale.ROOT, "%.2f", total == 0 ? 0 : (total - free) / (double) total);
        table.put("commitLogDiskRatio", used);
        table.put("consumeQueueDiskRatio", used);
        table.put("earliestMessageTimeStamp", Long.toString(log.oldestTime() == 0 ? startedAt : log.oldestTime()));
    }

    /** There are no queues of requests and no second writing that could be behind: these are always idle. */
    private static void idle(Map<String, String> table) {
        for (String pool : List.of("send", "pull", "litePull", "query", "ack")) {
            table.put(pool + "ThreadPoolQueueSize", "0");
            table.put(pool + "ThreadPoolQueueCapacity", "0");
            table.put(pool + "ThreadPoolQueueHeadWaitTimeMills", "0");
        }
        table.put("EndTransactionQueueSize", "0");
        table.put("EndTransactionThreadPoolQueueCapacity", "0");
        table.put("pageCacheLockTimeMills", "0");
        table.put("dispatchBehindBytes", "0");
        table.put("dispatchMaxBuffer", "0");
        table.put("remainTransientStoreBufferNumbs", "0");
        table.put("remainHowManyDataToFlush", "0 B");
        table.put("timerReadBehind", "0");
        table.put("timerOffsetBehind", "0");
    }

    private static String uptime(Duration up) {
        return "[ " + up.toDays() + " days, " + up.toHoursPart() + " hours, " + up.toMinutesPart() + " minutes, "
                + up.toSecondsPart() + " seconds ]";
    }

    private static String size(long bytes) {
        return String.format(Locale.ROOT, "%.1f GiB", bytes / (double) (1L << 30));
    }
}
