/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.remoting;

import org.polymq.broker.BrokerException;
import org.polymq.broker.message.Names;
import org.polymq.remoting.wire.BadRequestException;
import org.polymq.remoting.wire.ResponseCode;

/** The names that consumer groups may have: those with which the topic of what they hand back has a name. Stateless. */
final class GroupNames {
    private GroupNames() {}

    /** Refuses a group that cannot be made, with the code for one that is not there: that is what RocketMQ says. */
    static void check(String group) {
        try {
            Names.levelOfNative(NativeTopicNames.RETRY_PREFIX + group);
            if (!group.isEmpty()) {
                return;
            }
        } catch (BrokerException illegal) {
            throw missing(group, String.valueOf(illegal.getMessage()));
        }
        throw missing(group, "its name is empty");
    }

    /** The refusal of a request for a group that is not there. */
    static BadRequestException missing(String group, String why) {
        return new BadRequestException(
                ResponseCode.SUBSCRIPTION_GROUP_NOT_EXIST, "subscription group [" + group + "] does not exist: " + why);
    }
}
