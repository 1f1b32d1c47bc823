/* SPDX-License-Identifier: Apache-2.0 */
package org.polymq.grid;

import com.hazelcast.nio.ObjectDataInput;
import com.hazelcast.nio.ObjectDataOutput;
import com.hazelcast.nio.serialization.IdentifiedDataSerializable;
import com.hazelcast.spi.merge.MergingValue;
import com.hazelcast.spi.merge.SplitBrainMergePolicy;
import org.jspecify.annotations.Nullable;

/** When members that were apart find each other, the later claim of a client stays. */
public final class HigherEpoch
        implements SplitBrainMergePolicy<Owner, MergingValue<Owner>, Object>, IdentifiedDataSerializable {
    @Override
    public Object merge(MergingValue<Owner> merging, @Nullable MergingValue<Owner> existing) {
        if (existing == null || existing.getDeserializedValue() == null) {
            return merging.getRawValue();
        }
        Owner ours = existing.getDeserializedValue();
        Owner theirs = merging.getDeserializedValue();
        return theirs.epoch() > ours.epoch() ? merging.getRawValue() : existing.getRawValue();
    }

    @Override
    public void writeData(ObjectDataOutput out) {}

    @Override
    public void readData(ObjectDataInput in) {}

    @Override
    public int getFactoryId() {
        return Wire.FACTORY;
    }

    @Override
    public int getClassId() {
        return Wire.HIGHER_EPOCH;
    }
}
