using SoftIov.Lab.Virtio;
using Xunit;

namespace SoftIov.Tests.Devices;

/// <summary>The kinds of ring that a statement about devices must hold for.</summary>
internal static class RingKind
{
    public const VirtioFeature Split = VirtioFeature.None;
    public const VirtioFeature SplitEvents = VirtioFeature.EventIdx | VirtioFeature.IndirectDesc;
    public const VirtioFeature SplitInOrder = VirtioFeature.InOrder;
    public const VirtioFeature Packed = VirtioFeature.RingPacked;
    public const VirtioFeature PackedEvents = VirtioFeature.RingPacked | VirtioFeature.EventIdx | VirtioFeature.IndirectDesc;
    public const VirtioFeature PackedInOrder = VirtioFeature.RingPacked | VirtioFeature.InOrder;

    /// <summary>What a driver needs that knows neither rings nor offloads beyond the plainest.</summary>
    public const VirtioFeature Basic = VirtioFeature.Version1 | VirtioFeature.Mac | VirtioFeature.Status;

    public static TheoryData<ulong> All() =>
        [(ulong)Split, (ulong)SplitEvents, (ulong)SplitInOrder, (ulong)Packed, (ulong)PackedEvents, (ulong)PackedInOrder];
}
