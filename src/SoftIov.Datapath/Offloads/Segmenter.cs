namespace SoftIov.Datapath;

internal struct Segmenter
{
    public Segmenter(FrameBatch batch, int index, OffloadSet accepted)
    {
    }

    public bool Fill(FrameBatch expansion) => false;
}
