/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.nameserver;

import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeSet;
import java.util.function.LongSupplier;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;
import org.polymq.nameserver.RequestGuard.Need;
import org.polymq.remoting.wire.BadRequestException;
import org.polymq.remoting.wire.ExtFields;
import org.polymq.remoting.wire.ForeignCodes;
import org.polymq.remoting.wire.JsonText;
import org.polymq.remoting.wire.RemotingCommand;
import org.polymq.remoting.wire.RequestCode;
import org.polymq.remoting.wire.ResponseCode;
import org.polymq.remoting.wire.body.BrokerData;
import org.polymq.remoting.wire.body.DataVersion;
import org.polymq.remoting.wire.body.PropertiesText;
import org.polymq.remoting.wire.body.RegisterBrokerBody;
import org.polymq.remoting.wire.body.TextLists;
import org.polymq.remoting.wire.body.TopicRouteData;
import org.polymq.remoting.wire.header.BrokerHeartbeatHeader;
import org.polymq.remoting.wire.header.BrokerIdentity;
import org.polymq.remoting.wire.header.BrokerNameHeader;
import org.polymq.remoting.wire.header.KvHeader;
import org.polymq.remoting.wire.header.KvNamespaceHeader;
import org.polymq.remoting.wire.header.RegisterBrokerHeader;
import org.polymq.remoting.wire.header.RouteHeader;
import org.polymq.remoting.wire.header.TopicHeader;

/** The table of request codes a name server answers. Safe from any thread. */
final class NameServerRequests {
    /** Codes whose answer waits for the disk. */
    private static final Set<Integer> SLOW =
            Set.of(RequestCode.PUT_KV_CONFIG, RequestCode.DELETE_KV_CONFIG, RequestCode.UPDATE_NAMESRV_CONFIG);

    private final RouteTable routes;
    private final KvStore kv;
    private final LongSupplier clock;
    private final LiveSettings settings;
    private final Map<Integer, RequestHandler> handlers = new HashMap<>();
    private final Map<Integer, Need> needs = new HashMap<>();

    /** {@code clock} counts milliseconds and never steps back. */
    NameServerRequests(RouteTable routes, KvStore kv, LongSupplier clock) {
        this.routes = routes;
        this.kv = kv;
        this.clock = clock;
        this.settings = new LiveSettings(kv);
        keyValues();
        brokers();
        topics();
        ForeignCodes.all()
                .forEach((code, reason) -> put(
                        code,
                        Need.READ,
                        (request, connection) -> request.answer(ResponseCode.REQUEST_CODE_NOT_SUPPORTED, reason)));
    }

    private void keyValues() {
        put(RequestCode.PUT_KV_CONFIG, Need.MANAGE, (request, connection) -> putKv(request));
        put(RequestCode.GET_KV_CONFIG, Need.READ, (request, connection) -> getKv(request));
        put(RequestCode.DELETE_KV_CONFIG, Need.MANAGE, (request, connection) -> deleteKv(request));
        put(RequestCode.GET_KVLIST_BY_NAMESPACE, Need.READ, (request, connection) -> listKv(request));
        put(RequestCode.UPDATE_NAMESRV_CONFIG, Need.MANAGE, (request, connection) -> configure(request));
        put(
                RequestCode.GET_NAMESRV_CONFIG,
                Need.MANAGE,
                (request, connection) -> request.answer(PropertiesText.encode(settings.values())));
    }

    private void brokers() {
        put(RequestCode.REGISTER_BROKER, Need.BROKER, this::register);
        put(RequestCode.UNREGISTER_BROKER, Need.BROKER, (request, connection) -> unregister(request));
        put(RequestCode.QUERY_DATA_VERSION, Need.BROKER, (request, connection) -> queryDataVersion(request));
        put(RequestCode.BROKER_HEARTBEAT, Need.BROKER, (request, connection) -> heartbeat(request));
        put(RequestCode.REGISTER_TOPIC_IN_NAMESRV, Need.BROKER, (request, connection) -> registerTopic(request));
        put(
                RequestCode.GET_BROKER_CLUSTER_INFO,
                Need.READ,
                (request, connection) -> request.answer(routes.cluster().encode()));
        put(RequestCode.GET_BROKER_MEMBER_GROUP, Need.READ, (request, connection) -> members(request));
        put(RequestCode.WIPE_WRITE_PERM_OF_BROKER, Need.MANAGE, (request, connection) -> wipeWrite(request));
        put(RequestCode.ADD_WRITE_PERM_OF_BROKER, Need.MANAGE, (request, connection) -> addWrite(request));
    }

    private void topics() {
        put(RequestCode.GET_ROUTEINFO_BY_TOPIC, Need.READ, (request, connection) -> route(request));
        put(
                RequestCode.GET_ALL_TOPIC_LIST_FROM_NAMESERVER,
                Need.READ,
                (request, connection) -> list(request, LiveSettings.ALL_TOPICS, routes.topics()));
        put(
                RequestCode.GET_TOPICS_BY_CLUSTER,
                Need.READ,
                (request, connection) -> list(
                        request,
                        LiveSettings.TOPICS,
                        routes.topicsOf(request.fields().string("cluster"))));
        put(RequestCode.GET_SYSTEM_TOPIC_LIST_FROM_NS, Need.READ, (request, connection) -> systemTopics(request));
        for (int units : List.of(
                RequestCode.GET_UNIT_TOPIC_LIST,
                RequestCode.GET_HAS_UNIT_SUB_TOPIC_LIST,
                RequestCode.GET_HAS_UNIT_SUB_UNUNIT_TOPIC_LIST)) {
            // No topic belongs to a unit: that is a flag of installations over several sites.
            put(units, Need.READ, (request, connection) -> list(request, LiveSettings.TOPICS, List.of()));
        }
        put(RequestCode.DELETE_TOPIC_IN_NAMESRV, Need.MANAGE, (request, connection) -> deleteTopic(request));
    }

    private void put(int code, Need need, RequestHandler handler) {
        handlers.put(code, handler);
        needs.put(code, need);
    }

    /** What a code that has a handler needs. */
    Need need(int code) {
        return needs.getOrDefault(code, Need.MANAGE);
    }

    /** The handler of a code, or null. */
    @Nullable
    RequestHandler handler(int code) {
        return handlers.get(code);
    }

    boolean isSlow(int code) {
        return SLOW.contains(code);
    }

    private RemotingCommand putKv(RemotingCommand request) throws IOException {
        KvHeader header = KvHeader.of(request.fields());
        checkNamespace(header.namespace());
        kv.put(header.namespace(), header.key(), request.fields().string("value"));
        return success(request);
    }

    private static void checkNamespace(String namespace) {
        if (LiveSettings.isOwn(namespace)) {
            throw new BadRequestException(
                    ResponseCode.NO_PERMISSION, "the namespace " + namespace + " is the name server's own");
        }
    }

    private RemotingCommand configure(RemotingCommand request) throws IOException {
        settings.change(PropertiesText.of(request.body()));
        return success(request);
    }

    private RemotingCommand members(RemotingCommand request) {
        String cluster = request.fields().string("clusterName");
        String broker = request.fields().string("brokerName");
        JsonText out = new JsonText();
        out.open().name("brokerMemberGroup").open().name("brokerAddrs").open();
        routes.addresses(cluster, broker)
                .forEach((id, address) -> out.bareName(id).value(address));
        out.close().name("brokerName").value(broker).name("cluster").value(cluster);
        return request.answer(out.close().close().bytes());
    }

    private RemotingCommand list(RemotingCommand request, String setting, List<String> topics) {
        if (!settings.isOn(setting)) {
            throw new BadRequestException(ResponseCode.SYSTEM_ERROR, "disable: " + setting + " is false");
        }
        return request.answer(TextLists.topics(topics));
    }

    /** The names that the clusters and brokers give to topics of their own, and a broker to ask for the others. */
    private RemotingCommand systemTopics(RemotingCommand request) {
        NavigableSet<String> names = new TreeSet<>();
        String address = "";
        for (BrokerData broker : routes.cluster().brokers()) {
            names.add(broker.cluster());
            names.add(broker.brokerName());
            address = broker.addresses().values().iterator().next();
        }
        return request.answer(TextLists.topics(names, address));
    }

    private RemotingCommand getKv(RemotingCommand request) {
        KvHeader header = KvHeader.of(request.fields());
        String value = kv.get(header.namespace(), header.key());
        if (value == null) {
            return request.answer(
                    ResponseCode.QUERY_NOT_FOUND,
                    "No config item, Namespace: " + header.namespace() + " Key: " + header.key());
        }
        return request.answer(new ExtFields().with("value", value));
    }

    private RemotingCommand deleteKv(RemotingCommand request) throws IOException {
        KvHeader header = KvHeader.of(request.fields());
        checkNamespace(header.namespace());
        kv.delete(header.namespace(), header.key());
        return success(request);
    }

    private RemotingCommand listKv(RemotingCommand request) {
        String namespace = KvNamespaceHeader.of(request.fields()).namespace();
        SortedMap<String, String> entries = kv.namespace(namespace);
        if (entries.isEmpty()) {
            return request.answer(ResponseCode.QUERY_NOT_FOUND, "No config item, Namespace: " + namespace);
        }
        return request.answer(TextLists.table(entries));
    }

    private RemotingCommand register(RemotingCommand request, Object connection) {
        RegisterBrokerHeader header = RegisterBrokerHeader.of(request.fields());
        if (header.bodyCrc32() != 0 && header.bodyCrc32() != crc(request.body())) {
            throw new BadRequestException(ResponseCode.SYSTEM_ERROR, "crc32 not match: the body is damaged");
        }
        RegisterBrokerBody body = !request.bodyView().isReadable()
                ? new RegisterBrokerBody(new DataVersion(0, 0, 0), Map.of(), List.of())
                : RegisterBrokerBody.of(request.body(), header.compressed());
        Optional<RouteTable.Master> master = routes.register(
                new RouteTable.Broker(
                        header.clusterName(),
                        header.brokerName(),
                        header.brokerId(),
                        header.brokerAddr(),
                        header.haServerAddr(),
                        header.heartbeatTimeoutMillis()),
                body,
                connection,
                clock.getAsLong());
        ExtFields fields = new ExtFields();
        master.ifPresent(m -> fields.with("haServerAddr", m.haAddress()).with("masterAddr", m.address()));
        byte[] order = settings.isOn(LiveSettings.ORDER_TO_BROKERS)
                ? TextLists.table(kv.namespace(KvStore.ORDER_TOPIC_CONFIG))
                : new byte[0];
        return request.answer(ResponseCode.SUCCESS, null, fields, order);
    }

    private static int crc(byte[] body) {
        CRC32 crc = new CRC32();
        crc.update(body);
        return (int) (crc.getValue() & 0x7FFFFFFF);
    }

    private RemotingCommand unregister(RemotingCommand request) {
        routes.unregister(BrokerIdentity.of(request.fields()).brokerAddr());
        return success(request);
    }

    private RemotingCommand queryDataVersion(RemotingCommand request) {
        BrokerIdentity broker = BrokerIdentity.of(request.fields());
        DataVersion asked = DataVersion.of(request.body());
        DataVersion known = routes.version(broker.brokerAddr());
        boolean changed = !asked.equals(known);
        if (!changed) {
            routes.seen(broker.brokerAddr(), clock.getAsLong());
        }
        return request.answer(
                ResponseCode.SUCCESS,
                null,
                new ExtFields().with("changed", changed),
                known == null ? new byte[0] : known.encode());
    }

    private RemotingCommand heartbeat(RemotingCommand request) {
        routes.seen(BrokerHeartbeatHeader.of(request.fields()).brokerAddr(), clock.getAsLong());
        return success(request);
    }

    private RemotingCommand route(RemotingCommand request) {
        RouteHeader header = RouteHeader.of(request.fields());
        String order = settings.isOn(LiveSettings.ORDER) ? kv.get(KvStore.ORDER_TOPIC_CONFIG, header.topic()) : null;
        Optional<TopicRouteData> route = routes.route(header.topic(), order == null ? "" : order);
        if (route.isEmpty()) {
            return request.answer(
                    ResponseCode.TOPIC_NOT_EXIST,
                    "No topic route info in name server for the topic: " + header.topic());
        }
        boolean standard = header.acceptStandardJsonOnly() || request.version() >= RemotingCommand.VERSION_4_9_4;
        return request.answer(route.get().encode(standard));
    }

    private RemotingCommand wipeWrite(RemotingCommand request) {
        int count = routes.setWritable(BrokerNameHeader.of(request.fields()).brokerName(), false);
        return request.answer(new ExtFields().with("wipeTopicCount", count));
    }

    private RemotingCommand addWrite(RemotingCommand request) {
        int count = routes.setWritable(BrokerNameHeader.of(request.fields()).brokerName(), true);
        return request.answer(new ExtFields().with("addTopicCount", count));
    }

    private RemotingCommand deleteTopic(RemotingCommand request) {
        TopicHeader header = TopicHeader.of(request.fields());
        routes.removeTopic(header.topic(), header.clusterName());
        return success(request);
    }

    private RemotingCommand registerTopic(RemotingCommand request) {
        TopicRouteData route = TopicRouteData.of(request.body());
        routes.putTopic(TopicHeader.of(request.fields()).topic(), route.queues());
        return success(request);
    }

    private static RemotingCommand success(RemotingCommand request) {
        return request.answer(ResponseCode.SUCCESS, null);
    }
}
