/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.broker.state;

/** The first byte of every record. Numbers are part of the file format and never reused. */
public enum RecordType {
    MESSAGE(1),
    TOPIC(2),
    TOPIC_DELETED(3),
    GROUP(4),
    GROUP_DELETED(5),
    OFFSETS(6),
    SUBSCRIPTION(7),
    SUBSCRIPTION_DELETED(8),
    ACKNOWLEDGED(9),
    DELIVERY_COUNT(10),
    SESSION(11),
    SESSION_ENDED(12),
    SESSION_FILTERS(13),
    PACKET_RELEASED(14),
    PACKET_ASSIGNED(15),
    PACKET_RECEIVED(16),
    PACKET_COMPLETED(17),
    SEGMENT_REMOVED(18),
    SEGMENT_CLEANED(19),
    /** A cap takes messages from a subscription. */
    SUBSCRIPTION_CAPPED(22),
    /** A durable subscription has had no consumer since, or has one again. */
    SUBSCRIPTION_UNUSED(23),
    /** What follows in the same entry is applied all or not at all. */
    TRANSACTION(24),
    /** A piece of a large body, stored before the message that names it. */
    BODY_CHUNK(20),
    /** Large bodies whose message will not come. */
    BODY_DROPPED(21),
    USER(40),
    USER_DELETED(41),
    ROLE(42),
    ROLE_DELETED(43),
    ACCESS_KEY(44),
    ACCESS_KEY_DELETED(45),
    ACCESS_TOKEN(46),
    ACCESS_TOKEN_DELETED(47),
    /** All users, roles, access keys and tokens of another group. */
    ACCOUNTS_MIRRORED(48),
    TIMER_MESSAGE(30),
    TIMER_ENDED(31),
    HALF_MESSAGE(50),
    HALF_ENDED(51),
    HALF_CHECKED(52),
    POP_SUBSCRIPTION(53),
    REQUEST_MODE(54),
    SETTINGS(60),
    /** A message of a branch that is prepared in the same entry. */
    XA_MESSAGE(70),
    XA_PREPARED(71),
    XA_ENDED(72),
    XA_FORGOTTEN(73),
    /** A connector's definition. */
    CONNECTOR(80),
    CONNECTOR_DELETED(81),
    /** How far a connector is in what it reads from elsewhere. */
    CONNECTOR_POSITIONS(82),
    /** All connectors of another group that are spread over the groups. */
    CONNECTORS_MIRRORED(83),
    SHARED_UNUSED(90),
    WILL(91),
    WILL_DUE(92),
    WILL_ENDED(93);

    private static final RecordType[] BY_CODE = new RecordType[128];

    static {
        for (RecordType type : values()) {
            BY_CODE[type.code] = type;
        }
    }

    private final byte code;

    RecordType(int code) {
        this.code = (byte) code;
    }

    public byte code() {
        return code;
    }

    /** @throws IllegalArgumentException if no record has this code: the log was written by a newer version */
    public static RecordType of(byte code) {
        RecordType type = code >= 0 && code < BY_CODE.length ? BY_CODE[code] : null;
        if (type == null) {
            throw new IllegalArgumentException(
                    "unknown record type " + code + ": was the log written by a newer version?");
        }
        return type;
    }
}
