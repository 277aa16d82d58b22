namespace SoftIov.Lab.Nvme;

/// <summary>A way to a controller's doorbells (NVMe over PCIe transport, 3.1.2). Different doorbells may be rung by different threads.</summary>
public interface IDoorbells
{
    /// <summary>Rings doorbell <paramref name="index"/>: 2y is the tail of submission queue y, 2y + 1 the head of completion queue y.</summary>
    void Ring(int index, uint value);
}
