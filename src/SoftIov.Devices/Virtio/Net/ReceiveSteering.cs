using SoftIov.Datapath;
using SoftIov.Devices.Virtio.Spec;
using SoftIov.Memory;

namespace SoftIov.Devices.Virtio.Net;

/// <summary>
/// Chooses the receive queue of a frame (virtio 1.4, 5.1.6.5.5 and 5.1.6.5.7): by RSS when the driver configured it, else by where the
/// flow was last sent from. Pollers read while the control queue changes: each value alone is always valid, and a frame that meets a
/// change half done goes to the wrong queue at worst.
/// </summary>
internal sealed class ReceiveSteering(StatePage<NetState> page)
{
    private ToeplitzTable _toeplitz = new();
    private ToeplitzTable _spare = new();
    private bool _reportsHash;

    /// <summary>False while all frames go to the first queue and carry no hash.</summary>
    public bool IsNeeded => State.ActivePairs > 1 || UsesRss || (_reportsHash && State.HashTypes != HashTypes.None);

    /// <summary>True while sending teaches where to receive.</summary>
    public bool RemembersFlows => State.ActivePairs > 1 && !UsesRss;

    private ref SteeringState State => ref page.Value.Steering;

    private bool UsesRss => Volatile.Read(ref State.UsesRss) != 0;

    /// <summary>The features were negotiated; work goes on from the state.</summary>
    public void Configure(VirtioFeatures features)
    {
        _reportsHash = (features & VirtioFeatures.HashReport) != 0;
        KeyChanged();
    }

    /// <summary>The key in the state is another one: its table is built beside the one in use.</summary>
    public void KeyChanged()
    {
        _spare.SetKey(State.Key);
        _spare = Interlocked.Exchange(ref _toeplitz, _spare);
    }

    /// <summary>Where frame <paramref name="index"/> goes and what its header reports.</summary>
    public SteeredFrame Steer(FrameBatch batch, int index)
    {
        FlowKey key = FlowKey.Parse(batch.Head(index));
        ref SteeringState state = ref State;
        ReadOnlySpan<byte> input = key.Input(state.HashTypes, out HashTypes type);
        uint hash = Volatile.Read(ref _toeplitz).Hash(input);
        ushort pair = UsesRss
            ? type == HashTypes.None ? state.UnclassifiedPair : state.Table[(int)(hash & state.TableMask)]
            : Recall(key.SymmetricHash());
        return _reportsHash && type != HashTypes.None ? new SteeredFrame(hash, ReportOf(type), pair) : new SteeredFrame(0, 0, pair);
    }

    /// <summary>The driver sent these frames on <paramref name="pair"/>: answers shall come in on it.</summary>
    public void Remember(FrameBatch frames, int pair)
    {
        ref FlowTable flows = ref State.Flows;
        for (int i = 0; i < frames.Count; i++)
        {
            uint hash = FlowKey.Parse(frames.Head(i)).SymmetricHash();
            flows[(int)(hash % FlowTable.Length)] = (byte)(pair + 1);
        }
    }

    private ushort Recall(uint hash)
    {
        ref SteeringState state = ref State;
        int active = Volatile.Read(ref state.ActivePairs);
        int known = state.Flows[(int)(hash % FlowTable.Length)] - 1;
        return (ushort)((uint)known < (uint)active ? known : (int)(hash % (uint)active));
    }

    /// <summary>The bit's number plus 1.</summary>
    private static ushort ReportOf(HashTypes type) => (ushort)(System.Numerics.BitOperations.TrailingZeroCount((uint)type) + 1);
}
