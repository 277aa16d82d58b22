using SoftIov.Lab.Nvme;

namespace SoftIov.Tests.Lab.Nvme;

/// <summary>Doorbells that note who rang.</summary>
internal sealed class RecordedDoorbells : IDoorbells
{
    public List<(int Index, uint Value)> Rings { get; } = [];

    public void Ring(int index, uint value) => Rings.Add((index, value));
}
